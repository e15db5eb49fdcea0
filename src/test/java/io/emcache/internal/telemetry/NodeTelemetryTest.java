package io.emcache.internal.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.ConnectionPoolMetrics;
import io.emcache.LatencySnapshot;
import io.emcache.MemcachedException.Timeout.Phase;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class NodeTelemetryTest {
    private final NodeTelemetry node = new NodeTelemetry("10.0.0.1:11211");

    private ConnectionPoolMetrics metrics() {
        return node.metrics(0, 0, 0);
    }

    @Test
    void everythingBeginsAtZero() {
        ConnectionPoolMetrics metrics = metrics();
        assertThat(metrics.connectionsCreated()).isZero();
        assertThat(metrics.operationsExecuted()).isZero();
        assertThat(metrics.createConnectionAvg()).isZero();
        assertThat(metrics.createConnectionP99()).isZero();
        assertThat(metrics.createConnectionUpper()).isZero();
        assertThat(metrics.timeouts()).containsOnlyKeys(Phase.values()).doesNotContainValue(1L);
        LatencySnapshot read = node.latencies().read();
        assertThat(read.count()).isZero();
        assertThat(read.min()).isZero();
        assertThat(read.mean()).isZero();
        assertThat(read.max()).isZero();
        assertThat(read.percentile(99)).isZero();
    }

    @Test
    void gaugesAreThoseOfTheAsker() {
        ConnectionPoolMetrics metrics = node.metrics(3, 17, 1_000);
        assertThat(metrics.curConnections()).isEqualTo(3);
        assertThat(metrics.inFlight()).isEqualTo(17);
        assertThat(metrics.queuedBytes()).isEqualTo(1_000);
    }

    @Test
    void eachKindOfEventHasItsFigure() {
        node.connectionFailed();
        node.connectionClosed();
        node.connectionClosed();
        for (int i = 0; i < 3; i++) {
            node.connectionPurged();
        }
        for (int i = 0; i < 4; i++) {
            node.waited();
        }
        node.connectionCreated(1);
        ConnectionPoolMetrics metrics = metrics();
        assertThat(metrics.connectionsCreatedWithError()).isEqualTo(1);
        assertThat(metrics.connectionsClosed()).isEqualTo(2);
        assertThat(metrics.connectionsPurged()).isEqualTo(3);
        assertThat(metrics.operationsWaited()).isEqualTo(4);
        assertThat(metrics.connectionsCreated()).isEqualTo(1);
    }

    @Test
    void commandsAndBytesOfAllLanesAreAddedUp() {
        LaneTelemetry first = node.openLane();
        LaneTelemetry second = node.openLane();
        first.answered();
        second.answered();
        second.failed();
        first.read(10);
        second.read(5);
        first.wrote(7);
        ConnectionPoolMetrics metrics = metrics();
        assertThat(metrics.operationsExecuted()).isEqualTo(2);
        assertThat(metrics.operationsExecutedWithError()).isEqualTo(1);
        assertThat(metrics.bytesIn()).isEqualTo(15);
        assertThat(metrics.bytesOut()).isEqualTo(7);
    }

    @Test
    void timeOutIsAnOperationWithAnError() {
        node.timedOut(Phase.WRITTEN, 1);
        node.timedOut(Phase.WRITTEN, 1);
        node.timedOut(Phase.CONNECTING, 1);
        ConnectionPoolMetrics metrics = metrics();
        assertThat(metrics.timeouts())
                .containsEntry(Phase.WRITTEN, 2L)
                .containsEntry(Phase.CONNECTING, 1L)
                .containsEntry(Phase.QUEUED, 0L)
                .containsEntry(Phase.RECEIVING, 0L);
        assertThat(metrics.operationsExecutedWithError()).isEqualTo(3);
    }

    @Test
    void timesToConnectAreThoseOfTheLastHundred() {
        node.connectionCreated(1_000_000);
        node.connectionCreated(2_000_000);
        for (int i = 1; i <= 100; i++) {
            node.connectionCreated(i);
        }
        ConnectionPoolMetrics metrics = metrics();
        assertThat(metrics.createConnectionAvg()).isEqualTo(Duration.ofNanos(50));
        assertThat(metrics.createConnectionP50()).isEqualTo(Duration.ofNanos(50));
        assertThat(metrics.createConnectionP99()).isEqualTo(Duration.ofNanos(99));
        assertThat(metrics.createConnectionUpper()).isEqualTo(Duration.ofNanos(100));
        for (int i = 0; i < 1_000; i++) {
            node.connectionCreated(7);
        }
        assertThat(metrics().createConnectionUpper()).isEqualTo(Duration.ofNanos(7));
        assertThat(metrics().connectionsCreated()).isEqualTo(1_102);
    }

    @Test
    void percentilesOfOneConnectionAreItsTime() {
        node.connectionCreated(123);
        assertThat(metrics().createConnectionP50()).isEqualTo(Duration.ofNanos(123));
        assertThat(metrics().createConnectionP99()).isEqualTo(Duration.ofNanos(123));
    }

    @Test
    void laneThatEndedLeavesItsFiguresToTheNode() {
        LaneTelemetry ended = node.openLane();
        ended.answered();
        ended.replied(LaneTelemetry.READ, 1_000_000);
        ended.end();
        LaneTelemetry next = node.openLane();
        next.answered();
        next.replied(LaneTelemetry.READ, 1_000_000);
        assertThat(metrics().operationsExecuted()).isEqualTo(2);
        assertThat(node.latencies().read().count()).isEqualTo(2);
    }

    @Test
    void lanesAreNotMoreThanWereOpenAtATime() {
        LaneTelemetry kept = node.openLane();
        LaneTelemetry ended = node.openLane();
        for (int i = 0; i < 100; i++) {
            ended.end();
            LaneTelemetry next = node.openLane();
            assertThat(next).isSameAs(ended).isNotSameAs(kept);
        }
    }

    @Test
    void latenciesAreByKindAndExactToTwoDigits() {
        LaneTelemetry first = node.openLane();
        LaneTelemetry second = node.openLane();
        for (int i = 1; i <= 50; i++) {
            first.replied(LaneTelemetry.READ, TimeUnit.MICROSECONDS.toNanos(2L * i));
            second.replied(LaneTelemetry.READ, TimeUnit.MICROSECONDS.toNanos(2L * i - 1));
        }
        first.replied(LaneTelemetry.WRITE, TimeUnit.MILLISECONDS.toNanos(5));
        second.replied(LaneTelemetry.OTHER, TimeUnit.SECONDS.toNanos(2));
        LatencySnapshot read = node.latencies().read();
        assertThat(read.count()).isEqualTo(100);
        assertThat(read.min()).isBetween(Duration.ofNanos(512), Duration.ofNanos(1_024));
        assertThat(read.mean()).isBetween(Duration.ofNanos(50_000), Duration.ofNanos(51_000));
        assertThat(read.percentile(50)).isBetween(Duration.ofNanos(50_000), Duration.ofNanos(50_512));
        assertThat(read.percentile(99)).isBetween(Duration.ofNanos(99_000), Duration.ofNanos(99_512));
        assertThat(read.max()).isBetween(Duration.ofNanos(100_000), Duration.ofNanos(100_512));
        assertThat(node.latencies().write().max()).isBetween(Duration.ofNanos(4_950_000), Duration.ofNanos(5_050_000));
        assertThat(node.latencies().other().max()).isBetween(Duration.ofMillis(1_980), Duration.ofMillis(2_020));
    }

    @Test
    void snapshotStaysAsItWas() {
        LaneTelemetry lane = node.openLane();
        lane.replied(LaneTelemetry.READ, 1_000);
        LatencySnapshot before = node.latencies().read();
        lane.replied(LaneTelemetry.READ, 1_000);
        assertThat(before.count()).isEqualTo(1);
        assertThat(node.latencies().read().count()).isEqualTo(2);
    }

    @Test
    void percentilesEndAtHundred() {
        LatencySnapshot read = node.latencies().read();
        for (double wrong : new double[] {-0.1, 100.1, Double.NaN}) {
            assertThatThrownBy(() -> read.percentile(wrong)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
