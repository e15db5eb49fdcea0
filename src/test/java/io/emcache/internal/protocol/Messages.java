package io.emcache.internal.protocol;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.lang.foreign.MemorySegment;

/** Ring messages for tests, at an odd offset in a segment that ends where the message ends. */
final class Messages {
    static final long OFFSET = 3;

    private Messages() {}

    static MemorySegment command(int op, String key) {
        return command(op, key, 0, new byte[0], 0, 0);
    }

    static MemorySegment set(String key, byte[] value, int itemFlags, int exptime) {
        return command(OpCode.SET, key, 0, value, itemFlags, exptime);
    }

    static MemorySegment externalSet(String key, int valueLength, int itemFlags, int exptime) {
        byte[] keyBytes = key.getBytes(ISO_8859_1);
        MemorySegment message = allocate(CommandLayout.length(keyBytes.length, 0));
        CommandLayout.putHeader(
                message,
                OFFSET,
                7,
                8,
                OpCode.SET,
                CommandLayout.EXTERNAL_VALUE,
                keyBytes.length,
                valueLength,
                itemFlags,
                exptime,
                0);
        put(message, CommandLayout.keyOffset(OFFSET), keyBytes);
        return message;
    }

    static MemorySegment command(int op, String key, int options, byte[] value, int itemFlags, int exptime) {
        byte[] keyBytes = key.getBytes(ISO_8859_1);
        MemorySegment message = allocate(CommandLayout.length(keyBytes.length, value.length));
        CommandLayout.putHeader(
                message, OFFSET, 7, 8, op, options, keyBytes.length, value.length, itemFlags, exptime, 0);
        put(message, CommandLayout.keyOffset(OFFSET), keyBytes);
        put(message, CommandLayout.valueOffset(message, OFFSET), value);
        return message;
    }

    static MemorySegment getMany(String... keys) {
        int keyBytes = String.join("", keys).length();
        int blockLength = CommandLayout.keyBlockLength(keys.length, keyBytes);
        MemorySegment message = allocate(CommandLayout.lengthOfMany(keys.length, keyBytes));
        CommandLayout.putHeader(message, OFFSET, 7, 8, OpCode.GET_MANY, 0, keys.length, blockLength, 0, 0, 0);
        long at = CommandLayout.keyOffset(OFFSET);
        for (String key : keys) {
            MemorySegment bytes = MemorySegment.ofArray(key.getBytes(ISO_8859_1));
            at = CommandLayout.putBlockKey(message, at, bytes, 0, (int) bytes.byteSize(), false);
        }
        return message;
    }

    /** Encodes into a segment with exactly the room the encoder asked for. */
    static byte[] encode(CommandEncoder encoder, MemorySegment message, int opaque) {
        MemorySegment out = allocate(encoder.maxEncodedLength(message, OFFSET));
        int length = encoder.encode(message, OFFSET, opaque, out, OFFSET);
        return out.asSlice(OFFSET, length).toArray(JAVA_BYTE);
    }

    static byte[] encodeMultiKeyGet(CommandEncoder encoder, MemorySegment message) {
        MemorySegment out = allocate(encoder.maxEncodedLength(message, OFFSET));
        int length = encoder.encodeMultiKeyGet(message, OFFSET, out, OFFSET);
        return out.asSlice(OFFSET, length).toArray(JAVA_BYTE);
    }

    private static MemorySegment allocate(int length) {
        return MemorySegment.ofArray(new byte[(int) OFFSET + length]);
    }

    private static void put(MemorySegment message, long at, byte[] bytes) {
        MemorySegment.copy(bytes, 0, message, JAVA_BYTE, at, bytes.length);
    }
}
