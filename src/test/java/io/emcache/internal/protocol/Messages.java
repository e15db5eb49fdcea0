package io.emcache.internal.protocol;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.lang.foreign.MemorySegment;
import java.util.stream.Stream;

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

    /** A message of which everything but op code and key is 0 or absent until it is said. */
    static Draft draft(int op, String key) {
        return new Draft(op, key);
    }

    /** What a message shall say. For one thread. */
    static final class Draft {
        private final int op;
        private final byte[] key;
        private int options;
        private int itemFlags;
        private int exptime;
        private long number;
        private long extra;
        private int valueLength;
        private byte[] value = {};

        private Draft(int op, String key) {
            this.op = op;
            this.key = key.getBytes(ISO_8859_1);
        }

        Draft options(int more) {
            options |= more;
            return this;
        }

        Draft itemFlags(int itemFlags) {
            this.itemFlags = itemFlags;
            return this;
        }

        Draft exptime(int exptime) {
            this.exptime = exptime;
            return this;
        }

        Draft number(long number) {
            this.number = number;
            return this;
        }

        Draft extra(long extra) {
            this.extra = extra;
            return this;
        }

        Draft value(String text) {
            value = text.getBytes(ISO_8859_1);
            valueLength = value.length;
            return this;
        }

        Draft external(int length) {
            valueLength = length;
            return options(CommandLayout.EXTERNAL_VALUE);
        }

        MemorySegment build() {
            MemorySegment message = allocate(CommandLayout.length(key.length, value.length));
            CommandLayout.putHeader(
                    message, OFFSET, 7, 8, op, options, key.length, valueLength, itemFlags, exptime, number);
            CommandLayout.putExtra(message, OFFSET, extra);
            put(message, CommandLayout.keyOffset(OFFSET), key);
            put(message, CommandLayout.keyOffset(OFFSET) + key.length, value);
            return message;
        }
    }

    static MemorySegment getMany(String... keys) {
        return many(OpCode.GET_MANY, 0, keys);
    }

    /** A key that begins with {@code b:} is base64 behind that. */
    static MemorySegment many(int op, int exptime, String... keys) {
        int keyBytes = Stream.of(keys).mapToInt(key -> raw(key).length()).sum();
        int blockLength = CommandLayout.keyBlockLength(keys.length, keyBytes);
        MemorySegment message = allocate(CommandLayout.lengthOfMany(keys.length, keyBytes));
        CommandLayout.putHeader(message, OFFSET, 7, 8, op, 0, keys.length, blockLength, 0, exptime, 0);
        long at = CommandLayout.keyOffset(OFFSET);
        for (String key : keys) {
            MemorySegment bytes = MemorySegment.ofArray(raw(key).getBytes(ISO_8859_1));
            at = CommandLayout.putBlockKey(message, at, bytes, 0, (int) bytes.byteSize(), key.startsWith("b:"));
        }
        return message;
    }

    private static String raw(String key) {
        return key.startsWith("b:") ? key.substring(2) : key;
    }

    /** Encodes into a segment with exactly the room the encoder asked for. */
    static byte[] encode(CommandEncoder encoder, MemorySegment message, int opaque) {
        MemorySegment out = allocate(encoder.maxEncodedLength(message, OFFSET));
        int length = encoder.encode(message, OFFSET, opaque, out, OFFSET);
        return out.asSlice(OFFSET, length).toArray(JAVA_BYTE);
    }

    /** Encodes a key block as one classic get, into a segment with exactly the room that it may take. */
    static byte[] encodeMultiKeyGet(MemorySegment message) {
        int keys = CommandLayout.keyLength(message, OFFSET);
        int keyBytes = CommandLayout.valueLength(message, OFFSET) - keys * CommandLayout.BLOCK_KEY_PREFIX_LENGTH;
        MemorySegment out = allocate(keyBytes + keys + CommandEncoder.GET_REST);
        long at = CommandEncoder.beginMultiKeyGet(CommandLayout.op(message, OFFSET), out, OFFSET);
        long key = CommandLayout.keyOffset(OFFSET);
        for (int i = 0; i < keys; i++) {
            int length = CommandLayout.blockKeyLength(message, key);
            key += CommandLayout.BLOCK_KEY_PREFIX_LENGTH;
            at = CommandEncoder.addKey(message, key, length, out, at);
            key += length;
        }
        long end = CommandEncoder.endMultiKeyGet(out, at);
        return out.asSlice(OFFSET, end - OFFSET).toArray(JAVA_BYTE);
    }

    private static MemorySegment allocate(int length) {
        return MemorySegment.ofArray(new byte[(int) OFFSET + length]);
    }

    private static void put(MemorySegment message, long at, byte[] bytes) {
        MemorySegment.copy(bytes, 0, message, JAVA_BYTE, at, bytes.length);
    }
}
