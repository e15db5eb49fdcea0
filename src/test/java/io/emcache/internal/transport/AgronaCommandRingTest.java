package io.emcache.internal.transport;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf(
        value = "io.emcache.internal.transport.CommandRings#agronaAvailable",
        disabledReason = "Agrona needs --add-exports java.base/jdk.internal.misc=ALL-UNNAMED")
class AgronaCommandRingTest extends CommandRingContract {
    @Override
    CommandRing create(MemorySegment memory, int capacity) {
        return new AgronaCommandRing(memory, capacity);
    }
}
