package io.emcache;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 500ms}, {@code 2s}, {@code 1m}, or ISO-8601. Stateless. */
final class Durations {
    private static final Pattern SHORT_FORM = Pattern.compile("(\\d{1,18})(us|ms|s|m|h)");

    private Durations() {}

    /**
     * Reads a duration.
     *
     * @throws IllegalArgumentException if it is neither of the two forms
     */
    static Duration parse(String text) {
        Matcher matcher = SHORT_FORM.matcher(text);
        try {
            if (!matcher.matches()) {
                return Duration.parse(text);
            }
            long amount = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "us" -> Duration.ofSeconds(amount / 1_000_000, amount % 1_000_000 * 1_000);
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                default -> Duration.ofHours(amount);
            };
        } catch (DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException("not a duration such as 500ms, 2s, 1m or PT2S", e);
        }
    }

    /** Writes milliseconds with three decimals: exact to the microsecond and the same in every locale. */
    static String format(Duration duration) {
        long micros = duration.getSeconds() * 1_000_000 + duration.getNano() / 1_000;
        return String.format(Locale.ROOT, "%d.%03dms", micros / 1_000, micros % 1_000);
    }
}
