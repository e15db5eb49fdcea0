package io.emcache.internal.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.Ttl;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

/** Cases T1 to T7 of the expiry rules. */
class WireTtlTest {
    private static final long NOW = 1_800_000_000L;
    private static final InstantSource CLOCK = InstantSource.fixed(Instant.ofEpochSecond(NOW));
    private static final InstantSource BETWEEN_SECONDS = InstantSource.fixed(Instant.ofEpochSecond(NOW, 1_000_000));
    private static final InstantSource UNUSED = () -> {
        throw new AssertionError("the clock was read");
    };

    @Test
    void noExpiryIsZeroAndReadsNoClock() {
        assertThat(WireTtl.encode(Ttl.NONE, UNUSED)).isZero();
    }

    @Test
    void expireNowIsMinusOneAndReadsNoClock() {
        assertThat(WireTtl.encode(Ttl.EXPIRE_NOW, UNUSED)).isEqualTo(-1);
    }

    @Test
    void upToThirtyDaysIsRelativeAndReadsNoClock() {
        assertThat(WireTtl.encode(Ttl.of(Duration.ofNanos(1)), UNUSED)).isEqualTo(1);
        assertThat(WireTtl.encode(Ttl.of(Duration.ofSeconds(2_591_999)), UNUSED))
                .isEqualTo(2_591_999);
        assertThat(WireTtl.encode(Ttl.of(Duration.ofDays(30)), UNUSED)).isEqualTo(2_592_000);
    }

    @Test
    void aboveThirtyDaysIsAbsolute() {
        assertThat(WireTtl.encode(Ttl.of(Duration.ofSeconds(2_592_001)), CLOCK)).isEqualTo(1_802_592_001);
        assertThat(WireTtl.encode(Ttl.of(Duration.ofDays(30).plusNanos(1)), CLOCK))
                .isEqualTo(1_802_592_001);
    }

    @Test
    void absoluteFormOfADurationRoundsTheClockUp() {
        assertThat(WireTtl.encode(Ttl.of(Duration.ofSeconds(2_592_001)), BETWEEN_SECONDS))
                .isEqualTo(1_802_592_002);
    }

    @Test
    void beyondTheServersClockIsClamped() {
        assertThat(WireTtl.encode(Ttl.of(Duration.ofSeconds(Integer.MAX_VALUE - NOW)), CLOCK))
                .isEqualTo(Integer.MAX_VALUE);
        assertThat(WireTtl.encode(Ttl.of(Duration.ofSeconds(Integer.MAX_VALUE - NOW + 1)), CLOCK))
                .isEqualTo(Integer.MAX_VALUE);
        assertThat(WireTtl.encode(Ttl.of(Duration.ofSeconds(Long.MAX_VALUE)), CLOCK))
                .isEqualTo(Integer.MAX_VALUE);
        assertThat(WireTtl.encode(Ttl.at(Instant.ofEpochSecond(Integer.MAX_VALUE + 1L)), CLOCK))
                .isEqualTo(Integer.MAX_VALUE);
        assertThat(WireTtl.encode(Ttl.at(Instant.MAX), CLOCK)).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void instantUpToThirtyDaysAheadIsRelative() {
        assertThat(WireTtl.encode(Ttl.at(Instant.ofEpochSecond(NOW + 1)), CLOCK))
                .isEqualTo(1);
        assertThat(WireTtl.encode(Ttl.at(Instant.ofEpochSecond(NOW + 1)), BETWEEN_SECONDS))
                .isEqualTo(1);
        assertThat(WireTtl.encode(Ttl.at(Instant.ofEpochSecond(NOW, 1)), CLOCK)).isEqualTo(1);
        assertThat(WireTtl.encode(Ttl.at(Instant.ofEpochSecond(NOW + 2_592_000)), CLOCK))
                .isEqualTo(2_592_000);
    }

    @Test
    void laterInstantIsAbsolute() {
        assertThat(WireTtl.encode(Ttl.at(Instant.ofEpochSecond(NOW + 2_592_001)), CLOCK))
                .isEqualTo(1_802_592_001);
    }

    @Test
    void pastInstantExpiresAtOnce() {
        assertThat(WireTtl.encode(Ttl.at(Instant.ofEpochSecond(NOW)), CLOCK)).isEqualTo(-1);
        assertThat(WireTtl.encode(Ttl.at(Instant.ofEpochSecond(NOW)), BETWEEN_SECONDS))
                .isEqualTo(-1);
        assertThat(WireTtl.encode(Ttl.at(Instant.ofEpochSecond(NOW - 1)), CLOCK))
                .isEqualTo(-1);
        assertThat(WireTtl.encode(Ttl.at(Instant.EPOCH), CLOCK)).isEqualTo(-1);
        assertThat(WireTtl.encode(Ttl.at(Instant.ofEpochSecond(60)), CLOCK)).isEqualTo(-1);
        assertThat(WireTtl.encode(Ttl.at(Instant.MIN), CLOCK)).isEqualTo(-1);
    }

    @Test
    void absoluteTimeNeverReadsAsRelativeEvenWithABrokenClock() {
        InstantSource before1970 = InstantSource.fixed(Instant.ofEpochSecond(-2_592_000));

        assertThat(WireTtl.encode(Ttl.of(Duration.ofDays(31)), before1970)).isEqualTo(2_592_001);
        assertThat(WireTtl.encode(Ttl.at(Instant.ofEpochSecond(60)), before1970))
                .isEqualTo(2_592_001);
    }

    @Test
    void clockAfter2038DoesNotOverflow() {
        InstantSource after2038 = InstantSource.fixed(Instant.parse("2100-01-01T00:00:00Z"));

        assertThat(WireTtl.encode(Ttl.of(Duration.ofDays(31)), after2038)).isEqualTo(Integer.MAX_VALUE);
        assertThat(WireTtl.encode(Ttl.at(Instant.parse("2101-01-01T00:00:00Z")), after2038))
                .isEqualTo(Integer.MAX_VALUE);
        assertThat(WireTtl.encode(Ttl.at(Instant.parse("2100-01-01T00:00:09Z")), after2038))
                .isEqualTo(9);
    }
}
