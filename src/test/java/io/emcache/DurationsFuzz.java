package io.emcache;

import static io.emcache.testkit.FuzzInput.require;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Fuzz target: any text as a duration. It is the duration that exact arithmetic makes of it, or an
 * {@link IllegalArgumentException}.
 */
final class DurationsFuzz {
    private static final Pattern SHORT_FORM = Pattern.compile("([0-9]{1,18})(us|ms|s|m|h)");
    private static final BigInteger NANOS_PER_SECOND = BigInteger.valueOf(1_000_000_000);
    private static final Map<String, Duration> UNITS = Map.of(
            "us", Duration.ofNanos(1_000),
            "ms", Duration.ofMillis(1),
            "s", Duration.ofSeconds(1),
            "m", Duration.ofMinutes(1),
            "h", Duration.ofHours(1));

    private DurationsFuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        Matcher matcher = SHORT_FORM.matcher(text);
        boolean isShort = matcher.matches();
        Duration duration;
        try {
            duration = Durations.parse(text);
        } catch (IllegalArgumentException e) {
            OptionsFuzz.requireHarmless(e);
            require(!isShort || nanos(matcher).bitLength() > Long.SIZE, "refused");
            return;
        }
        if (isShort) {
            BigInteger nanos = BigInteger.valueOf(duration.getSeconds())
                    .multiply(NANOS_PER_SECOND)
                    .add(BigInteger.valueOf(duration.getNano()));
            require(nanos.equals(nanos(matcher)), "read as " + duration);
        } else {
            require(Duration.parse(text).equals(duration), "read as " + duration);
        }
    }

    private static BigInteger nanos(Matcher matcher) {
        return new BigInteger(matcher.group(1))
                .multiply(BigInteger.valueOf(
                        UNITS.getOrDefault(matcher.group(2), Duration.ZERO).toNanos()));
    }
}
