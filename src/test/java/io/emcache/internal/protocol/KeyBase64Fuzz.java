package io.emcache.internal.protocol;

import static io.emcache.testkit.FuzzInput.require;

import io.emcache.testkit.FuzzInput;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Base64;

/**
 * Fuzz target: any bytes as a binary key and as base64, in segments that end where they do, apart and in place. They become
 * what the JDK makes of them; what the JDK does not take, or writes in another way, is a {@link ProtocolException}.
 */
final class KeyBase64Fuzz {
    private KeyBase64Fuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        int before = input.next(16);
        byte[] bytes = input.rest();
        encode(Arrays.copyOf(bytes, Math.min(bytes.length, KeyBase64.MAX_RAW_BYTES)), before);
        decode(bytes, before);
    }

    private static void encode(byte[] key, int before) {
        byte[] expected = Base64.getEncoder().encode(key);
        byte[] target = new byte[before + expected.length];
        int length = KeyBase64.encode(behind(before, key), before, key.length, MemorySegment.ofArray(target), before);
        require(length == expected.length && length == KeyBase64.encodedLength(key.length), "the length is " + length);
        require(Arrays.equals(target, before, target.length, expected, 0, length), "other base64");
        if (key.length > 0) {
            require(Arrays.equals(decoded(expected, before), key), "not what was encoded");
        }
    }

    private static void decode(byte[] base64, int before) {
        byte[] key;
        try {
            key = decoded(base64, before);
        } catch (ProtocolException e) {
            require(!isCanonical(base64), "refused");
            return;
        }
        require(isCanonical(base64), "taken");
        require(Arrays.equals(key, Base64.getDecoder().decode(base64)), "other bytes");
    }

    private static boolean isCanonical(byte[] base64) {
        try {
            byte[] key = Base64.getDecoder().decode(base64);
            return key.length > 0
                    && key.length <= KeyBase64.MAX_RAW_BYTES
                    && Arrays.equals(Base64.getEncoder().encode(key), base64);
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Decodes it in place, and into exactly the room that it needs. */
    private static byte[] decoded(byte[] base64, int before) {
        MemorySegment place = behind(before, base64);
        int length = KeyBase64.decode(place, before, base64.length, place, before);
        byte[] target = new byte[length];
        int again = KeyBase64.decode(behind(before, base64), before, base64.length, MemorySegment.ofArray(target), 0);
        require(again == length, "another length elsewhere");
        require(
                MemorySegment.mismatch(place, before, before + (long) length, MemorySegment.ofArray(target), 0, length)
                        < 0,
                "other bytes in place");
        return target;
    }

    private static MemorySegment behind(int before, byte[] bytes) {
        byte[] segment = new byte[before + bytes.length];
        System.arraycopy(bytes, 0, segment, before, bytes.length);
        return MemorySegment.ofArray(segment);
    }
}
