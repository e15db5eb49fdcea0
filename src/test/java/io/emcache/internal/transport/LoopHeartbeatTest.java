package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.ClientHealth.State;
import io.emcache.testkit.FakeClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LoopHeartbeatTest {
    private static final Duration LIMIT = Duration.ofSeconds(1);

    private final FakeClock time = new FakeClock();
    private final NanoClock clock = new NanoClock(time);
    private final LoopHeartbeat heartbeat = new LoopHeartbeat(clock);

    private void beginTurn() {
        heartbeat.beginTurn(clock.nowNs());
    }

    @Test
    void loopIsNewBeforeItsFirstTurn() {
        assertThat(heartbeat.state()).isEqualTo(State.NEW);
        assertThat(heartbeat.turns()).isZero();
        time.advance(LIMIT.multipliedBy(10));
        assertThat(heartbeat.state()).isEqualTo(State.NEW);
    }

    @Test
    void loopRunsInItsTurnAndIsIdleBetween() {
        beginTurn();
        assertThat(heartbeat.state()).isEqualTo(State.RUNNING);
        heartbeat.rest();
        assertThat(heartbeat.state()).isEqualTo(State.IDLE);
        beginTurn();
        assertThat(heartbeat.state()).isEqualTo(State.RUNNING);
        assertThat(heartbeat.turns()).isEqualTo(2);
    }

    @Test
    void turnThatTakesLongerThanTheLimitIsStuck() {
        beginTurn();
        time.advance(LIMIT);
        assertThat(heartbeat.state()).isEqualTo(State.RUNNING);
        time.advance(Duration.ofNanos(1));
        assertThat(heartbeat.state()).isEqualTo(State.STUCK);
        heartbeat.rest();
        assertThat(heartbeat.state()).isEqualTo(State.IDLE);
    }

    @Test
    void turnIsLateAfterAMillisecond() {
        assertThat(heartbeat.isLate()).isFalse();
        beginTurn();
        time.advance(Duration.ofMillis(1));
        assertThat(heartbeat.isLate()).isFalse();
        time.advance(Duration.ofNanos(1));
        assertThat(heartbeat.isLate()).isTrue();
        heartbeat.rest();
        assertThat(heartbeat.isLate()).isFalse();
    }

    @Test
    void sleepIsNoPartOfATurn() {
        beginTurn();
        time.advance(LIMIT.dividedBy(2));
        heartbeat.rest();
        time.advance(LIMIT.multipliedBy(10));
        assertThat(heartbeat.state()).isEqualTo(State.IDLE);
        heartbeat.wake();
        assertThat(heartbeat.state()).isEqualTo(State.RUNNING);
        time.advance(LIMIT);
        assertThat(heartbeat.state()).isEqualTo(State.RUNNING);
        time.advance(LIMIT);
        assertThat(heartbeat.state()).isEqualTo(State.STUCK);
        assertThat(heartbeat.turns()).isEqualTo(1);
    }

    @Test
    void wakingTwiceDoesNotMakeATurnYounger() {
        beginTurn();
        heartbeat.rest();
        heartbeat.wake();
        time.advance(LIMIT.multipliedBy(2));
        heartbeat.wake();
        assertThat(heartbeat.state()).isEqualTo(State.STUCK);
    }
}
