package io.emcache;

import static io.emcache.testkit.FuzzInput.require;

import io.emcache.testkit.FuzzInput;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;

/**
 * Fuzz target: any text as a URI, and any lines as properties. They are options or an
 * {@link IllegalArgumentException} with one line of printable text; options stay the same when they are built again. A word that
 * stands in passwords only is never repeated.
 */
final class OptionsFuzz {
    private static final String SECRET = "hunter2";
    private static final Map<String, String> ENVIRONMENT = Map.of("PW", SECRET, "SPACED", SECRET + " ", "EMPTY", "");

    private static final Pattern BEFORE_AT_SIGN = Pattern.compile("://.*@", Pattern.DOTALL);

    /** And all that follows, because a password may hold an ampersand. */
    private static final Pattern PASSWORD_PARAMETER =
            Pattern.compile("^([^?]*[?](?:[^&]*&)*?)password=.*", Pattern.DOTALL);

    private static final Pattern PASSWORD_PROPERTY =
            Pattern.compile("^password=.*$", Pattern.MULTILINE | Pattern.UNIX_LINES);

    private OptionsFuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        boolean properties = input.nextBoolean();
        String text = new String(input.rest(), StandardCharsets.UTF_8);
        boolean secret = !withoutPasswords(text, properties).contains(SECRET);
        try {
            ClientOptions options = properties
                    ? OptionParser.fromProperties(properties(text), ENVIRONMENT::get)
                    : OptionParser.fromUri(text, ENVIRONMENT::get);
            check(options);
            require(!secret || !options.toString().contains(SECRET), "a secret in the text of options");
        } catch (IllegalArgumentException e) {
            requireHarmless(e);
            for (Throwable cause = e; secret && cause != null; cause = cause.getCause()) {
                require(!cause.toString().contains(SECRET), "a secret is repeated");
            }
        }
    }

    private static String withoutPasswords(String text, boolean properties) {
        if (properties) {
            return PASSWORD_PROPERTY.matcher(text).replaceAll("");
        }
        return PASSWORD_PARAMETER
                .matcher(BEFORE_AT_SIGN.matcher(text).replaceFirst(""))
                .replaceFirst("$1");
    }

    private static Properties properties(String text) {
        Properties properties = new Properties();
        for (String line : text.split("\n", -1)) {
            int equals = line.indexOf('=');
            if (equals >= 0) {
                properties.setProperty("emcache." + line.substring(0, equals), line.substring(equals + 1));
            }
        }
        return properties;
    }

    private static void check(ClientOptions options) {
        require(!options.nodes().isEmpty(), "no nodes");
        require(options.mutate().options().equals(options), "built again, they differ");
        require(!options.toString().isEmpty(), "no text");
    }

    static void requireHarmless(IllegalArgumentException e) {
        require(e.getClass() == IllegalArgumentException.class, "thrown through: " + e);
        String message = e.getMessage();
        require(message != null && !message.isBlank(), "refused without a word");
        require(message.codePoints().allMatch(SafeText::isPrintable), "not printable");
    }
}
