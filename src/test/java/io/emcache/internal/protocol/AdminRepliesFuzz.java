package io.emcache.internal.protocol;

import static io.emcache.testkit.FuzzInput.require;

import io.emcache.ItemDebug;
import io.emcache.Key;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * Fuzz target: any text as statistics, and as what a server knows of an item. It is nothing but a
 * {@link ProtocolException}; each line with a name is a statistic, and no other.
 */
final class AdminRepliesFuzz {
    private static final Key KEY = Key.of("key");

    private AdminRepliesFuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        stats(text);
        item(text);
    }

    private static void stats(String text) {
        try {
            Map<String, String> stats = AdminReplies.stats(text);
            require(stats.size() <= text.chars().filter(c -> c == '\n').count(), "more than there are lines");
            stats.forEach((name, value) -> require(
                    ("\n" + text).contains("\n" + name + (value.isEmpty() ? "" : " " + value)), "never said: " + name));
        } catch (ProtocolException e) {
            require(("\n" + text).contains("\n\n") || ("\n" + text).contains("\n "), "refused");
        }
    }

    private static void item(String text) {
        try {
            ItemDebug item = AdminReplies.itemDebug(KEY, text);
            require(text.startsWith("ME "), "taken");
            require(!item.toString().isEmpty(), "no text");
        } catch (ProtocolException e) {
            require(e.reason() != ProtocolException.Reason.BAD_KEY, "the key is not what is read");
        }
    }
}
