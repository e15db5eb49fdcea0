package io.emcache.internal.transport;

import io.emcache.internal.memory.MemoryTag;
import io.emcache.internal.memory.Slab;
import io.emcache.internal.memory.SlabPool;
import io.emcache.internal.protocol.CommandLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Writes commands into the ring of a lane, and values for which the ring has no room beside it. Safe for all threads; a
 * caller must be inside the lane.
 */
final class CommandWriter {
    /** A value at least this long goes beside a ring that is half full, so that the ring stays open to short commands. */
    private static final int MIN_EXTERNAL_BYTES = 1024;

    private static final byte[] CRLF = {'\r', '\n'};

    private final int maxInlineLength;
    private final int halfFullBytes;
    private final CommandRing ring;
    private final SlabPool slabs;

    /**
     * @param longestInline what is longer than this, encoded, could find the buffer for requests too small for ever
     */
    CommandWriter(CommandRing ring, SlabPool slabs, int longestInline) {
        this.ring = ring;
        this.slabs = slabs;
        this.maxInlineLength = Math.min(ring.maxMessageLength(), longestInline);
        this.halfFullBytes = ring.maxMessageLength() * 4;
    }

    /** Writes a command for one key; false if there is no room now. */
    boolean write(Slot slot, MemorySegment key, int keyLength, int itemFlags, int exptime, byte @Nullable [] value) {
        int valueLength = value == null ? 0 : value.length;
        int length = CommandLayout.length(keyLength, valueLength);
        if (value != null && goesBeside(length, valueLength)) {
            return copyOut(slot, value) && write(slot, key, keyLength, itemFlags, exptime, valueLength, null);
        }
        return write(slot, key, keyLength, itemFlags, exptime, valueLength, value);
    }

    private boolean goesBeside(int length, int valueLength) {
        return length > maxInlineLength || (valueLength >= MIN_EXTERNAL_BYTES && ring.usedBytes() > halfFullBytes);
    }

    /** A value in memory of its own, its CRLF behind it. */
    private boolean copyOut(Slot slot, byte[] value) {
        Slab slab = slabs.lease(MemoryTag.VALUE, value.length + CRLF.length);
        if (slab == null) {
            return false;
        }
        MemorySegment.copy(value, 0, slab.segment(), ValueLayout.JAVA_BYTE, 0, value.length);
        MemorySegment.copy(CRLF, 0, slab.segment(), ValueLayout.JAVA_BYTE, value.length, CRLF.length);
        slab.buffer().limit(value.length + CRLF.length).position(0);
        slot.external = slab;
        return true;
    }

    private boolean write(
            Slot slot,
            MemorySegment key,
            int keyLength,
            int itemFlags,
            int exptime,
            int valueLength,
            byte @Nullable [] inline) {
        int offset = ring.claim(CommandLayout.length(keyLength, inline == null ? 0 : valueLength));
        if (offset == CommandRing.FULL) {
            return false;
        }
        boolean written = false;
        try {
            MemorySegment message = ring.segment();
            int options = slot.external == null ? 0 : CommandLayout.EXTERNAL_VALUE;
            CommandLayout.putHeader(
                    message,
                    offset,
                    slot.index,
                    slot.generation(),
                    slot.op,
                    options,
                    keyLength,
                    valueLength,
                    itemFlags,
                    exptime,
                    0);
            MemorySegment.copy(key, 0, message, CommandLayout.keyOffset(offset), keyLength);
            if (inline != null) {
                long at = CommandLayout.keyOffset(offset) + keyLength;
                MemorySegment.copy(inline, 0, message, ValueLayout.JAVA_BYTE, at, valueLength);
            }
            written = true;
        } finally {
            end(slot, offset, written);
        }
        return true;
    }

    /** Writes a command for many keys; false if there is no room now. */
    boolean writeMany(Slot slot, MemorySegment block, int keyCount, int blockLength) {
        int offset = ring.claim(CommandLayout.HEADER_LENGTH + blockLength);
        if (offset == CommandRing.FULL) {
            return false;
        }
        boolean written = false;
        try {
            MemorySegment message = ring.segment();
            CommandLayout.putHeader(
                    message, offset, slot.index, slot.generation(), slot.op, 0, keyCount, blockLength, 0, 0, 0);
            MemorySegment.copy(block, 0, message, CommandLayout.keyOffset(offset), blockLength);
            written = true;
        } finally {
            end(slot, offset, written);
        }
        return true;
    }

    private void end(Slot slot, int offset, boolean written) {
        if (written) {
            slot.startDeadline();
            ring.commit(offset);
        } else {
            ring.abort(offset);
        }
    }
}
