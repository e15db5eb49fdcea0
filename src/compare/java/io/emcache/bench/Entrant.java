package io.emcache.bench;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A client with its settings, as one types it: a name of the {@link Roster}, and for emcache the parameters of its URI, such
 * as {@code emcache?connections=1}. Immutable.
 *
 * @param label what was typed, and the name in the report
 * @param client the client
 * @param parameters what it adds to the settings, in the form {@code name=value&name=value}, or empty
 */
record Entrant(String label, Roster client, String parameters) {
    /** Those that run when none is named. */
    static final String DEFAULT = "emcache,emcache?autobatching=true,spymemcached,xmemcached,folsom";

    static Entrant of(String label) {
        int question = label.indexOf('?');
        String name = question < 0 ? label : label.substring(0, question);
        String parameters = question < 0 ? "" : label.substring(question + 1);
        Roster client = Arrays.stream(Roster.values())
                .filter(each -> each.label.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no contender is called " + name + "; there are "
                        + Arrays.stream(Roster.values()).map(each -> each.label).toList()));
        if (!parameters.isEmpty() && client != Roster.EMCACHE) {
            throw new IllegalArgumentException(name + " takes no parameters");
        }
        return new Entrant(label, client, parameters);
    }

    boolean isBatching() {
        return parameters.contains("autobatching=true");
    }

    Contender open(List<InetSocketAddress> nodes) throws Exception {
        return client.open(nodes, parameters.isEmpty() ? "" : "&" + parameters);
    }

    Map<String, Object> toMap(String version) {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("name", label);
        map.put("library", client.library);
        map.put("version", version);
        map.put("settings", parameters.isEmpty() ? client.settings : client.settings + ", " + parameters);
        return map;
    }
}
