package io.emcache;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Options out of a URI or properties. Stateless. Its messages name settings, and never repeat a secret. */
final class OptionParser {
    static final String PROPERTY_PREFIX = "emcache.";

    private static final Logger LOG = LoggerFactory.getLogger("io.emcache.options");
    private static final String TCP_SCHEME = "memcached://";
    private static final String TLS_SCHEME = "memcacheds://";
    private static final String UNIX_SCHEME = "unix:";
    private static final int MAX_QUOTED = 80;

    private OptionParser() {}

    /**
     * Reads a URI.
     *
     * @param environment gives the value of an environment variable, or null
     */
    static ClientOptions fromUri(String uri, Function<String, @Nullable String> environment) {
        if (uri.indexOf('#') >= 0) {
            throw new IllegalArgumentException("a memcached URI has no fragment (a # in it is written %23)");
        }
        int question = uri.indexOf('?');
        // First of all, because what stands before it may be a password with a question mark, and later messages quote.
        if (question >= 0 && uri.indexOf('@', question) >= 0) {
            throw new IllegalArgumentException(
                    "behind the question mark of a URI an @ is written %40 (and a question mark"
                            + " before an @ is written %3F)");
        }
        OptionText texts = new OptionText(environment);
        Set<String> seen = new HashSet<>(Set.of(OptionTable.NODES));
        applyBase(texts, seen, question < 0 ? uri : uri.substring(0, question));
        if (question >= 0 && question + 1 < uri.length()) {
            applyQuery(texts, seen, uri.substring(question + 1));
        }
        ClientOptions options = texts.options();
        if (texts.holdsPassword()) {
            LOG.warn(
                    "A password in a URI ends up in logs and in lists of processes: say passwordFile or passwordEnv instead");
        }
        return options;
    }

    /**
     * Reads properties.
     *
     * @param environment gives the value of an environment variable, or null
     */
    static ClientOptions fromProperties(Properties properties, Function<String, @Nullable String> environment) {
        OptionText texts = new OptionText(environment);
        for (String key : new TreeSet<>(properties.stringPropertyNames())) {
            if (key.startsWith(PROPERTY_PREFIX)) {
                String name = key.substring(PROPERTY_PREFIX.length());
                String label = "property '" + SafeText.quotable(key, MAX_QUOTED) + "'";
                apply(
                        texts,
                        label,
                        known(label, name),
                        properties.getProperty(key).strip(),
                        true);
            }
        }
        return texts.options();
    }

    private static void applyBase(OptionText texts, Set<String> seen, String base) {
        String lowerCase = base.toLowerCase(Locale.ROOT);
        if (lowerCase.startsWith(UNIX_SCHEME)) {
            if (base.indexOf('@') >= 0) {
                throw new IllegalArgumentException("unix: is followed by a path, in which an @ is written %40; for"
                        + " credentials there are the parameters username and passwordFile");
            }
            texts.builder().nodes(List.of(NodeAddress.parseUnix(decode(base.substring(UNIX_SCHEME.length())))));
        } else if (lowerCase.startsWith(TLS_SCHEME)) {
            texts.encrypted(true);
            applyAuthority(texts, seen, base.substring(TLS_SCHEME.length()));
        } else if (lowerCase.startsWith(TCP_SCHEME)) {
            applyAuthority(texts, seen, base.substring(TCP_SCHEME.length()));
        } else {
            throw new IllegalArgumentException("a memcached URI begins with memcached://, memcacheds:// or unix:/");
        }
    }

    /** What stands before the nodes is cut off first, so that no later message can quote it. */
    private static void applyAuthority(OptionText texts, Set<String> seen, String authority) {
        int at = authority.lastIndexOf('@');
        if (at >= 0) {
            applyUser(texts, seen, authority.substring(0, at));
        }
        texts.builder().nodes(nodes(authority.substring(at + 1)));
    }

    private static void applyUser(OptionText texts, Set<String> seen, String user) {
        if (user.chars().anyMatch(c -> c == '@' || c == ',' || c == '/')) {
            throw new IllegalArgumentException("before an @ there is one user name for all nodes, with @ , and / in it"
                    + " written %40 %2C and %2F (an @ in a path is written %40, too)");
        }
        int colon = user.indexOf(':');
        seen.add(OptionText.USERNAME);
        texts.username(decode(colon < 0 ? user : user.substring(0, colon)));
        if (colon >= 0) {
            seen.add(OptionText.PASSWORD);
            texts.password(decode(user.substring(colon + 1)));
        }
    }

    private static List<NodeAddress> nodes(String text) {
        String list = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        if (list.isEmpty()) {
            throw new IllegalArgumentException("the URI names no node");
        }
        return OptionTable.parseNodes(
                Arrays.stream(list.split(",", -1)).map(OptionParser::decode).toList());
    }

    /** Behind a password nothing is quoted: it may be the rest of one that holds an ampersand. */
    private static void applyQuery(OptionText texts, Set<String> seen, String query) {
        boolean quotable = true;
        for (String parameter : query.split("&", -1)) {
            int equals = parameter.indexOf('=');
            String name = equals < 0 ? parameter : parameter.substring(0, equals);
            String label = quotable || OptionTable.find(name) != null
                    ? "parameter '" + SafeText.quotable(name, MAX_QUOTED) + "'"
                    : "a parameter behind the password";
            if (equals < 0) {
                throw new IllegalArgumentException(label + " has no value");
            }
            if (!seen.add(name)) {
                throw new IllegalArgumentException(label + " is given twice");
            }
            quotable &= !name.equals(OptionText.PASSWORD);
            apply(texts, label, known(label, name), decode(parameter.substring(equals + 1)), quotable);
        }
    }

    private static OptionTable.Setting known(String label, String name) {
        OptionTable.Setting setting = OptionTable.find(name);
        if (setting == null) {
            throw new IllegalArgumentException(label + " is unknown; known are " + OptionTable.textNames());
        }
        return setting;
    }

    static void apply(OptionText texts, String label, OptionTable.Setting setting, String text, boolean quotable) {
        try {
            Objects.requireNonNull(setting.parser()).accept(texts, text);
        } catch (IllegalArgumentException e) {
            if (setting.secret()) {
                throw withoutCause(label + " is not valid");
            }
            // Credentials before an @ by mistake.
            if (!quotable || text.indexOf('@') >= 0) {
                throw withoutCause(label + ": " + e.getMessage());
            }
            String quoted = "'" + SafeText.quotable(text, MAX_QUOTED) + "'";
            throw new IllegalArgumentException(label + ": " + e.getMessage() + ": " + quoted, e);
        }
    }

    /** The cause may hold the text that was refused. */
    private static IllegalArgumentException withoutCause(String message) {
        return new IllegalArgumentException(message);
    }

    /** In a path, a password and a list of nodes a plus sign is a plus sign. */
    private static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw withoutCause("a percent sign in a URI must be followed by two hex digits (%25)");
        }
    }
}
