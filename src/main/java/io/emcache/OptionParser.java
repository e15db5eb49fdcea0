package io.emcache;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

/** Options out of a URI or properties. Stateless. Its messages name settings, and never repeat a secret. */
final class OptionParser {
    static final String PROPERTY_PREFIX = "emcache.";

    private static final String TCP_SCHEME = "memcached://";
    private static final String TLS_SCHEME = "memcacheds:";
    private static final String UNIX_SCHEME = "unix:";
    private static final int MAX_QUOTED = 80;

    private OptionParser() {}

    static ClientOptions fromUri(String uri) {
        // First of all, because each later message may quote a part of the URI.
        if (uri.indexOf('@') >= 0) {
            throw new IllegalArgumentException(
                    "credentials in a URI are not supported (an @ in a path is written %40)");
        }
        if (uri.indexOf('#') >= 0) {
            throw new IllegalArgumentException("a memcached URI has no fragment (a # in a path is written %23)");
        }
        int question = uri.indexOf('?');
        ClientOptions.Builder builder = new ClientOptions.Builder();
        builder.nodes(nodes(question < 0 ? uri : uri.substring(0, question)));
        if (question >= 0 && question + 1 < uri.length()) {
            applyQuery(builder, uri.substring(question + 1));
        }
        return builder.options();
    }

    static ClientOptions fromProperties(Properties properties) {
        ClientOptions.Builder builder = new ClientOptions.Builder();
        for (String key : new TreeSet<>(properties.stringPropertyNames())) {
            if (key.startsWith(PROPERTY_PREFIX)) {
                String name = key.substring(PROPERTY_PREFIX.length());
                apply(
                        builder,
                        "property '" + SafeText.quotable(key, MAX_QUOTED) + "'",
                        name,
                        properties.getProperty(key).strip());
            }
        }
        return builder.options();
    }

    private static List<NodeAddress> nodes(String base) {
        String lowerCase = base.toLowerCase(Locale.ROOT);
        if (lowerCase.startsWith(UNIX_SCHEME)) {
            return List.of(NodeAddress.parseUnix(decode(base.substring(UNIX_SCHEME.length()))));
        }
        if (lowerCase.startsWith(TLS_SCHEME)) {
            throw new IllegalArgumentException("memcacheds:// asks for TLS, which this version does not have");
        }
        if (!lowerCase.startsWith(TCP_SCHEME)) {
            throw new IllegalArgumentException("a memcached URI begins with memcached:// or unix:/");
        }
        String rest = base.substring(TCP_SCHEME.length());
        String list = rest.endsWith("/") ? rest.substring(0, rest.length() - 1) : rest;
        if (list.isEmpty()) {
            throw new IllegalArgumentException("the URI names no node");
        }
        List<NodeAddress> nodes = new ArrayList<>();
        for (String node : list.split(",", -1)) {
            nodes.add(NodeAddress.parse(decode(node)));
        }
        return nodes;
    }

    private static void applyQuery(ClientOptions.Builder builder, String query) {
        Set<String> seen = new HashSet<>();
        seen.add(OptionTable.NODES);
        for (String parameter : query.split("&", -1)) {
            int equals = parameter.indexOf('=');
            String name = equals < 0 ? parameter : parameter.substring(0, equals);
            String label = "parameter '" + SafeText.quotable(name, MAX_QUOTED) + "'";
            if (equals < 0) {
                throw new IllegalArgumentException(label + " has no value");
            }
            if (!seen.add(name)) {
                throw new IllegalArgumentException(label + " is given twice");
            }
            apply(builder, label, name, decode(parameter.substring(equals + 1)));
        }
    }

    private static void apply(ClientOptions.Builder builder, String label, String name, String text) {
        OptionTable.Setting setting = OptionTable.find(name);
        if (setting == null) {
            throw new IllegalArgumentException(label + " is unknown; known are " + OptionTable.textNames());
        }
        apply(builder, label, setting, text);
    }

    static void apply(ClientOptions.Builder builder, String label, OptionTable.Setting setting, String text) {
        try {
            Objects.requireNonNull(setting.parser()).accept(builder, text);
        } catch (IllegalArgumentException e) {
            if (setting.secret()) {
                throw withoutCause(label + " is not valid");
            }
            String quoted = "'" + SafeText.quotable(text, MAX_QUOTED) + "'";
            throw new IllegalArgumentException(label + ": " + e.getMessage() + ": " + quoted, e);
        }
    }

    /** The cause may hold the text that was refused. */
    private static IllegalArgumentException withoutCause(String message) {
        return new IllegalArgumentException(message);
    }

    /** In a path and in a list of nodes a plus sign is a plus sign. */
    private static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("a percent sign in a URI must be followed by two hex digits (%25)", e);
        }
    }
}
