package io.emcache.internal.client;

import io.emcache.internal.protocol.KeyCodec;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;

/** Makes one text of the arguments of {@code stats}, and refuses what would reach the line as something else. Stateless. */
final class StatsArguments {
    private static final int MAX_LENGTH = KeyCodec.MAX_KEY_BYTES;
    private static final Set<String> ENDLESS = Set.of("sizes_enable", "sizes_disable");

    private StatsArguments() {}

    /**
     * Returns the arguments, separated by spaces.
     *
     * @param arguments each one word
     * @return at most 250 bytes of visible ASCII; empty without arguments
     * @throws IllegalArgumentException if they cannot or must not be sent
     */
    static String join(String... arguments) {
        for (String argument : arguments) {
            check(Objects.requireNonNull(argument, "argument"));
        }
        String joined = String.join(" ", Arrays.asList(arguments));
        if (joined.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "the arguments of stats have at most " + MAX_LENGTH + " bytes, not " + joined.length());
        }
        if (arguments.length > 0) {
            checkCommand(arguments[0]);
        }
        return joined;
    }

    private static void check(String argument) {
        if (argument.isEmpty() || !argument.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException("an argument of stats is a word of visible ASCII");
        }
    }

    private static void checkCommand(String command) {
        if (command.equals("reset")) {
            throw new IllegalArgumentException("use resetStats()");
        }
        if (command.equals("cachedump")) {
            throw new IllegalArgumentException("cachedump sends keys as they are; use keys()");
        }
        if (ENDLESS.contains(command)) {
            throw new IllegalArgumentException("the answer to stats " + command + " has no end");
        }
    }
}
