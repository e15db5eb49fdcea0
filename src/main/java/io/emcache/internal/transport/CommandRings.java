package io.emcache.internal.transport;

import java.lang.foreign.MemorySegment;
import org.agrona.concurrent.Agent;

/**
 * Makes command rings, and knows which kind this JVM allows. Safe for all threads.
 *
 * <p>Agrona's buffers need a package of the JDK that is not exported by default. Where it is not, nothing of Agrona that
 * needs it is loaded, and {@link VarHandleCommandRing} takes its place with the same behaviour.
 */
final class CommandRings {
    private static final String NEEDED_PACKAGE = "jdk.internal.misc";

    private static final boolean AGRONA_AVAILABLE =
            Object.class.getModule().isExported(NEEDED_PACKAGE, Agent.class.getModule());

    private CommandRings() {}

    /**
     * Makes an empty ring. What the memory held is overwritten.
     *
     * @param memory off-heap and aligned to {@link CommandRing#ALIGNMENT_BYTES}, at least
     *     {@link CommandRing#requiredBytes} long and open to all threads; it stays the caller's and must outlive the ring's
     *     use
     * @param capacity room for messages and their headers in bytes, a power of two
     * @return a ring on Agrona if this JVM allows it, else on VarHandles
     * @throws IllegalArgumentException if the capacity or the memory is not so
     */
    static CommandRing create(MemorySegment memory, int capacity) {
        return AGRONA_AVAILABLE ? new AgronaCommandRing(memory, capacity) : new VarHandleCommandRing(memory, capacity);
    }

    /**
     * Returns whether the JVM was started so that Agrona's buffers work.
     *
     * @return whether {@link #create} uses Agrona
     */
    static boolean agronaAvailable() {
        return AGRONA_AVAILABLE;
    }

    /**
     * Says, for the log, which ring is in use and with which JVM flag it would be Agrona's.
     *
     * @return one line
     */
    static String describe() {
        if (AGRONA_AVAILABLE) {
            return "command rings: Agrona";
        }
        return "command rings: VarHandles; for Agrona's add the JVM flag " + agronaFlag();
    }

    private static String agronaFlag() {
        Module agrona = Agent.class.getModule();
        String target = agrona.isNamed() ? agrona.getName() : "ALL-UNNAMED";
        return "--add-exports java.base/" + NEEDED_PACKAGE + "=" + target;
    }

    static MemorySegment cleared(MemorySegment memory, int capacity) {
        long requiredBytes = CommandRing.requiredBytes(capacity);
        if (memory.byteSize() < requiredBytes) {
            throw new IllegalArgumentException("memory is too small for the ring, capacity=" + capacity + ", needed="
                    + requiredBytes + ", given=" + memory.byteSize());
        }
        if (!memory.isNative() || memory.isReadOnly()) {
            throw new IllegalArgumentException("memory of a ring must be off-heap and writable");
        }
        if (memory.address() % CommandRing.ALIGNMENT_BYTES != 0) {
            throw new IllegalArgumentException(
                    "memory of a ring must be aligned to " + CommandRing.ALIGNMENT_BYTES + " bytes");
        }
        return memory.asSlice(0, requiredBytes).fill((byte) 0);
    }

    static IllegalArgumentException invalidLength(int length, int maxMessageLength) {
        return new IllegalArgumentException(
                "invalid length of a ring message, length=" + length + ", max=" + maxMessageLength);
    }
}
