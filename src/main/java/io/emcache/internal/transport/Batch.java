package io.emcache.internal.transport;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Values of a command with many keys, by the position of the key. The driver of the lane writes, the owner may read at
 * any time what has arrived so far.
 */
public final class Batch {
    private static final VarHandle VALUES = MethodHandles.arrayElementVarHandle(byte[][].class);

    private final byte @Nullable [][] values;
    private final ItemMeta @Nullable [] metas;

    /**
     * Makes room for the values of so many keys.
     *
     * @param keys the number of keys
     * @param items whether more than the values is asked for
     */
    public Batch(int keys, boolean items) {
        this.values = new byte[keys][];
        this.metas = items ? makeMetas(keys) : null;
    }

    private static ItemMeta[] makeMetas(int keys) {
        ItemMeta[] metas = new ItemMeta[keys];
        Arrays.setAll(metas, i -> new ItemMeta());
        return metas;
    }

    /** Where the driver puts what the server tells of an item, before its value. */
    @Nullable
    ItemMeta metaToFill(int index) {
        return metas == null ? null : metas[index];
    }

    void hit(int index, byte[] value) {
        VALUES.setRelease(values, index, value);
    }

    /**
     * What the server told of a key whose value was a hit.
     *
     * @param index position of the key in the command
     * @return its meta data
     * @throws IllegalStateException if the batch is for values only
     */
    public ItemMeta meta(int index) {
        if (metas == null) {
            throw new IllegalStateException("only values were asked for");
        }
        return metas[index];
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
