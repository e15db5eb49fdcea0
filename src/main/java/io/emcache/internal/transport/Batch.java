package io.emcache.internal.transport;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Values of a command with many keys, by the position of the key. The driver of the lane writes, the owner may read at
 * any time what has arrived so far.
 */
public final class Batch {
    private static final VarHandle VALUES = MethodHandles.arrayElementVarHandle(byte[][].class);

    private final byte @Nullable [][] values;

    /**
     * Makes room for the values of so many keys.
     *
     * @param keys the number of keys
     */
    public Batch(int keys) {
        this.values = new byte[keys][];
    }

    void hit(int index, byte[] value) {
        VALUES.setRelease(values, index, value);
    }

    /**
     * The value of a key, if it was a hit.
     *
     * @param index position of the key in the command
     * @return the value, or null if none has arrived
     */
    public byte @Nullable [] value(int index) {
        return (byte[]) VALUES.getAcquire(values, index);
    }
}
