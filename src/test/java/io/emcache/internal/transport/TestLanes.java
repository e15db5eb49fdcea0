package io.emcache.internal.transport;

import io.emcache.internal.memory.SlabPool;
import io.emcache.internal.telemetry.NodeTelemetry;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What tests that open lanes without a client need. Stateless. */
final class TestLanes {
    private TestLanes() {}

    static LaneSettings settings(SlabPool slabs) {
        return settings(slabs, new TransportCounters(), System::nanoTime);
    }

    static LaneSettings settings(SlabPool slabs, TransportCounters counters, LongSupplier clock) {
        return new LaneSettings(
                64,
                256 * 1024,
                128,
                1 << 20,
                1 << 20,
                TimeUnit.SECONDS.toNanos(2),
                TimeUnit.SECONDS.toNanos(10),
                TimeUnit.SECONDS.toNanos(1),
                false,
                open(slabs),
                new NanoClock(clock),
                slabs,
                counters,
                new Unheard());
    }

    /** Neither encrypted nor with a name. */
    static Security open(SlabPool slabs) {
        return new Security(null, null, slabs);
    }

    /** Listens to nothing. */
    static class Unheard implements TransportListener {
        @Override
        public void noReplyFailed(String node, int op, int outcome, @Nullable String text) {}

        @Override
        public void callbackFailed(Throwable failure) {}

        @Override
        public void callbackSlow(long elapsedNs) {}
    }

    /** An owner that lets its lane connect and is interested in nothing. */
    static LaneOwner owner() {
        return new Owner();
    }

    static void await(CyclicBarrier barrier) {
        try {
            barrier.await(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError("the other side is missing", e);
        }
    }

    static class Owner implements LaneOwner {
        final NodeTelemetry telemetry = new NodeTelemetry("test");

        @Override
        public NodeTelemetry telemetry() {
            return telemetry;
        }

        @Override
        public boolean mayConnect(Lane lane) {
            return true;
        }

        @Override
        public void connected(Lane lane, long elapsedNs) {}

        @Override
        public void drained(Lane lane, boolean wasInService) {}

        @Override
        public void disconnected(Lane lane, Throwable cause, boolean stalled) {}

        @Override
        public void connectFailed(Lane lane, Throwable cause) {}

        @Override
        public boolean hasConnection() {
            return false;
        }

        @Override
        public boolean isUnavailable() {
            return false;
        }
    }
}
