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

    private static final int WITH_EXTRA = CommandLayout.CREATE | CommandLayout.GIVE_CAS;
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
    boolean write(Slot slot, MemorySegment key, int keyLength, byte @Nullable [] value) {
        int valueLength = value == null ? 0 : value.length;
        int length = CommandLayout.length(keyLength, valueLength);
        if (value != null && goesBeside(length, valueLength)) {
            Slab slab = beside(slot, valueLength);
            if (slab == null) {
                return false;
            }
            MemorySegment.copy(value, 0, slab.segment(), ValueLayout.JAVA_BYTE, 0, valueLength);
            return write(slot, key, keyLength, valueLength, null);
        }
        return write(slot, key, keyLength, valueLength, value);
    }

    /** The same for a value that is not on the heap. */
    boolean write(Slot slot, MemorySegment key, int keyLength, MemorySegment value, long valueOffset, int valueLength) {
        int length = CommandLayout.length(keyLength, valueLength);
        if (goesBeside(length, valueLength)) {
            Slab slab = beside(slot, valueLength);
            if (slab == null) {
                return false;
            }
            MemorySegment.copy(value, valueOffset, slab.segment(), 0, valueLength);
            return write(slot, key, keyLength, valueLength, null);
        }
        int offset = ring.claim(length);
        if (offset == CommandRing.FULL) {
            return false;
        }
        boolean written = false;
        try {
            putHeaderAndKey(slot, offset, key, keyLength, valueLength);
            long at = CommandLayout.keyOffset(offset) + keyLength;
            MemorySegment.copy(value, valueOffset, ring.segment(), at, valueLength);
            written = true;
        } finally {
            end(slot, offset, written);
        }
        return true;
    }

    private boolean goesBeside(int length, int valueLength) {
        return length > maxInlineLength || (valueLength >= MIN_EXTERNAL_BYTES && ring.usedBytes() > halfFullBytes);
    }

    /** Memory of its own for a value, with its CRLF behind it already; null if there is none. */
    private @Nullable Slab beside(Slot slot, int valueLength) {
        Slab slab = slabs.lease(MemoryTag.VALUE, valueLength + CRLF.length);
        if (slab != null) {
            MemorySegment.copy(CRLF, 0, slab.segment(), ValueLayout.JAVA_BYTE, valueLength, CRLF.length);
            slab.buffer().limit(valueLength + CRLF.length).position(0);
            slot.external = slab;
        }
        return slab;
    }

    private boolean write(Slot slot, MemorySegment key, int keyLength, int valueLength, byte @Nullable [] inline) {
        int offset = ring.claim(CommandLayout.length(keyLength, inline == null ? 0 : valueLength));
        if (offset == CommandRing.FULL) {
            return false;
        }
        boolean written = false;
        try {
            putHeaderAndKey(slot, offset, key, keyLength, valueLength);
            if (inline != null) {
                long at = CommandLayout.keyOffset(offset) + keyLength;
                MemorySegment.copy(inline, 0, ring.segment(), ValueLayout.JAVA_BYTE, at, valueLength);
            }
            written = true;
        } finally {
            end(slot, offset, written);
        }
        return true;
    }

    /** Writes a read once more that was sent and not answered, with what its slot has; false if there is no room now. */
    boolean writeAgain(Slot slot, MemorySegment keys, long keyOffset, int keyLength) {
        int offset = ring.claim(CommandLayout.length(keyLength, 0));
        if (offset == CommandRing.FULL) {
            return false;
        }
        boolean written = false;
        try {
            putHeader(slot, offset, keyLength, 0);
            MemorySegment.copy(keys, keyOffset, ring.segment(), CommandLayout.keyOffset(offset), keyLength);
            written = true;
        } finally {
            if (written) {
                ring.commit(offset);
            } else {
                ring.abort(offset);
            }
        }
        return true;
    }

    private void putHeaderAndKey(Slot slot, int offset, MemorySegment key, int keyLength, int valueLength) {
        MemorySegment message = ring.segment();
        putHeader(slot, offset, keyLength, valueLength);
        MemorySegment.copy(key, 0, message, CommandLayout.keyOffset(offset), keyLength);
    }

    private void putHeader(Slot slot, int offset, int keyLength, int valueLength) {
        MemorySegment message = ring.segment();
        int options = slot.external == null ? slot.options : slot.options | CommandLayout.EXTERNAL_VALUE;
        CommandLayout.putHeader(
                message,
                offset,
                slot.index,
                slot.generation(),
                slot.op,
                options,
                keyLength,
                valueLength,
                slot.itemFlags,
                slot.exptime,
                slot.number);
        if ((options & WITH_EXTRA) != 0) {
            CommandLayout.putExtra(message, offset, slot.extra);
        }
    }

    /** Writes a command for many keys; false if there is no room now. */
    boolean writeMany(Slot slot, MemorySegment block, int keyCount, int blockLength) {
        int offset = ring.claim(CommandLayout.HEADER_LENGTH + blockLength);
        if (offset == CommandRing.FULL) {
            return false;
        }
        boolean written = false;
        try {
            putHeader(slot, offset, keyCount, blockLength);
            MemorySegment.copy(block, 0, ring.segment(), CommandLayout.keyOffset(offset), blockLength);
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
