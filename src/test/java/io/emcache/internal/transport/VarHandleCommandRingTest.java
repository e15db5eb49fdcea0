package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class VarHandleCommandRingTest extends CommandRingContract {
    @Override
    CommandRing create(MemorySegment memory, int capacity) {
        return new VarHandleCommandRing(memory, capacity);
    }

    @Test
    void freedMemoryIsNoticed() {
        CommandRing ring;
        try (Arena arena = Arena.ofShared()) {
            ring = create(arena.allocate(CommandRing.requiredBytes(1024), 64), 1024);
        }
        assertThatIllegalStateException().isThrownBy(() -> ring.claim(8));
        assertThatIllegalStateException().isThrownBy(() -> ring.drain((offset, length) -> true, 1));
    }
}
