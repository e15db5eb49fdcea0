package io.emcache;

import static io.emcache.testkit.FuzzInput.require;

import io.emcache.testkit.FuzzInput;
import java.nio.charset.StandardCharsets;
import java.util.Properties;

/**
 * Fuzz target: any text as a URI, and any lines as properties. They are options or an
 * {@link IllegalArgumentException} with one line of printable text; options stay the same when they are built again.
 */
final class OptionsFuzz {
    private OptionsFuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        boolean properties = input.nextBoolean();
        String text = new String(input.rest(), StandardCharsets.UTF_8);
        try {
            check(properties ? ClientOptions.fromProperties(properties(text)) : ClientOptions.fromUri(text));
        } catch (IllegalArgumentException e) {
            requireHarmless(e);
        }
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
