package io.emcache.internal.protocol;

import static io.emcache.testkit.FuzzInput.require;

import io.emcache.testkit.FuzzInput;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Fuzz target: any key after any prefix, as text, as bytes and in place, into exactly the room that is promised to be
 * enough. A key is taken if and only if the rules allow it, as the bytes that the JDK makes of it; a refusal is for a
 * reason that is there; the prefix is left alone.
 */
final class KeyCodecFuzz {
    private static final byte PREFIX = 'p';

    private KeyCodecFuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        int prefix = input.nextBoolean() ? input.next(KeyCodec.MAX_KEY_BYTES + 1) : 0;
        boolean wide = input.nextBoolean();
        byte[] bytes = input.rest();
        encode(wide ? wide(bytes) : new String(bytes, StandardCharsets.UTF_8), prefix);
        copy(bytes, prefix);
        validate(bytes);
    }

    private static String wide(byte[] bytes) {
        return ByteBuffer.wrap(bytes, 0, bytes.length & -2).asCharBuffer().toString();
    }

    private static void encode(String key, int prefix) {
        byte[] target = target(prefix);
        int status = KeyCodec.encode(key, MemorySegment.ofArray(target), prefix);
        byte @Nullable [] expected = utf8(key);
        boolean forbidden = key.chars().anyMatch(c -> c <= ' ' || c == 0x7f);
        boolean tooLong = prefix + (expected == null ? key.length() : expected.length) > KeyCodec.MAX_KEY_BYTES;
        if (status > 0) {
            require(expected != null && !forbidden && !tooLong && !key.isEmpty(), "taken");
            requireKey(target, prefix, status, expected);
            return;
        }
        switch (status) {
            case KeyCodec.EMPTY -> require(key.isEmpty(), "not empty");
            case KeyCodec.TOO_LONG -> require(tooLong || expected == null, "not too long");
            case KeyCodec.FORBIDDEN_CHARACTER -> require(forbidden, "nothing forbidden");
            case KeyCodec.UNPAIRED_SURROGATE -> require(expected == null, "no half of a pair");
            default -> throw new AssertionError("status " + status);
        }
        requirePrefix(target, prefix);
    }

    private static byte @Nullable [] utf8(String key) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(key));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static void copy(byte[] key, int prefix) {
        byte[] target = target(prefix);
        int status = KeyCodec.copy(key, MemorySegment.ofArray(target), prefix);
        int expected = expected(key, KeyCodec.MAX_KEY_BYTES - prefix);
        require(status == (expected < 0 ? expected : prefix + expected), "copied with status " + status);
        if (status > 0) {
            requireKey(target, prefix, status, key);
        }
        requirePrefix(target, prefix);
    }

    private static void validate(byte[] key) {
        int status = KeyCodec.validate(MemorySegment.ofArray(key), 0, key.length);
        require(status == expected(key, KeyCodec.MAX_KEY_BYTES), "validated with status " + status);
    }

    private static int expected(byte[] key, int room) {
        if (key.length == 0) {
            return KeyCodec.EMPTY;
        } else if (key.length > room) {
            return KeyCodec.TOO_LONG;
        }
        for (byte b : key) {
            if ((b >= 0 && b <= ' ') || b == 0x7f) {
                return KeyCodec.FORBIDDEN_CHARACTER;
            }
        }
        return key.length;
    }

    private static byte[] target(int prefix) {
        byte[] target = new byte[KeyCodec.MAX_KEY_BYTES];
        Arrays.fill(target, 0, prefix, PREFIX);
        return target;
    }

    private static void requireKey(byte[] target, int prefix, int length, byte[] key) {
        require(length == prefix + key.length, "the length is " + length);
        require(Arrays.equals(target, prefix, length, key, 0, key.length), "other bytes");
        MemorySegment segment = MemorySegment.ofArray(target);
        require(KeyCodec.validate(segment, prefix, key.length) == key.length, "taken, but not valid");
        require(segment.get(ValueLayout.JAVA_BYTE, length - 1L) == key[key.length - 1], "cut short");
    }

    private static void requirePrefix(byte[] target, int prefix) {
        for (int i = 0; i < prefix; i++) {
            require(target[i] == PREFIX, "the prefix was changed");
        }
    }
}
