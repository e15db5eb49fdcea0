package io.emcache.internal.protocol;

import static io.emcache.testkit.FuzzInput.require;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.emcache.testkit.FuzzInput;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Fuzz target: any message that the layout allows, with a valid key, in both dialects. What is encoded fits into the
 * room that was asked for, and whoever splits it at spaces, as a server does, finds the one command that was meant.
 */
final class EncoderFuzz {
    private static final int MOST_KEYS = 100;

    private EncoderFuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        int op = OpCode.GET + input.next(OpCode.NOOP);
        int opaque = input.nextBoolean() ? CommandEncoder.NO_OPAQUE : input.next(1 << 16);
        int itemFlags = input.nextInt();
        int exptime = input.nextInt();
        boolean external = input.nextBoolean();
        if (op == OpCode.GET_MANY) {
            many(input, opaque);
            return;
        }
        int keyLength = 1 + input.next(KeyCodec.MAX_KEY_BYTES);
        byte[] rest = input.rest();
        String key = op == OpCode.VERSION || op == OpCode.NOOP ? "" : key(rest, 0, keyLength);
        byte[] value = rest.length > keyLength && op == OpCode.SET
                ? Arrays.copyOfRange(rest, keyLength, rest.length)
                : new byte[0];
        boolean beside = external && op == OpCode.SET;
        MemorySegment message = beside
                ? Messages.externalSet(key, value.length, itemFlags, exptime)
                : Messages.command(op, key, 0, value, itemFlags, exptime);
        String block = beside || op != OpCode.SET ? "" : new String(value, ISO_8859_1) + "\r\n";
        requireText(
                meta(op, key, value.length, itemFlags, exptime, opaque) + block, MetaEncoder.INSTANCE, message, opaque);
        requireText(
                classic(op, key, value.length, itemFlags, exptime) + block, ClassicEncoder.INSTANCE, message, opaque);
    }

    private static void requireText(String expected, CommandEncoder encoder, MemorySegment message, int opaque) {
        require(new String(Messages.encode(encoder, message, opaque), ISO_8859_1).equals(expected), "not " + expected);
    }

    private static String meta(int op, String key, int valueLength, int itemFlags, int exptime, int opaque) {
        String mark = opaque == CommandEncoder.NO_OPAQUE ? "" : String.format(" O%04x", opaque);
        return switch (op) {
                    case OpCode.GET -> "mg " + key + " k v" + mark;
                    case OpCode.SET ->
                        "ms " + key + " " + valueLength + (exptime == 0 ? "" : " T" + exptime)
                                + (itemFlags == 0 ? "" : " F" + Integer.toUnsignedString(itemFlags)) + mark;
                    case OpCode.DELETE -> "md " + key + mark;
                    case OpCode.VERSION -> "version";
                    default -> "mn";
                }
                + "\r\n";
    }

    private static String classic(int op, String key, int valueLength, int itemFlags, int exptime) {
        return switch (op) {
                    case OpCode.GET -> "get " + key;
                    case OpCode.SET ->
                        "set " + key + " " + Integer.toUnsignedString(itemFlags) + " " + exptime + " " + valueLength;
                    case OpCode.DELETE -> "delete " + key;
                    default -> "version";
                }
                + "\r\n";
    }

    private static void many(FuzzInput input, int opaque) {
        int[] lengths = new int[1 + input.next(MOST_KEYS)];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = 1 + input.next(KeyCodec.MAX_KEY_BYTES);
        }
        byte[] rest = input.rest();
        List<String> keys = new ArrayList<>();
        int from = 0;
        for (int length : lengths) {
            keys.add(key(rest, from, length));
            from += length;
        }
        MemorySegment message = Messages.getMany(keys.toArray(String[]::new));
        String get = "get " + String.join(" ", keys) + "\r\n";
        requireText(get, ClassicEncoder.INSTANCE, message, opaque);
        for (CommandEncoder encoder : new CommandEncoder[] {MetaEncoder.INSTANCE, ClassicEncoder.INSTANCE}) {
            byte[] encoded = Messages.encodeMultiKeyGet(encoder, message);
            require(new String(encoded, ISO_8859_1).equals(get), "not " + get);
        }
        StringBuilder quiet = new StringBuilder();
        keys.forEach(key -> quiet.append("mg ").append(key).append(" k v q\r\n"));
        requireText(quiet + "mn\r\n", MetaEncoder.INSTANCE, message, opaque);
    }

    /** A valid key of that length out of the bytes from there on; what is forbidden or missing becomes a letter. */
    private static String key(byte[] bytes, int from, int length) {
        StringBuilder key = new StringBuilder(length);
        for (int i = from; i < from + length; i++) {
            int c = i < bytes.length ? bytes[i] & 0xff : 'z';
            key.append(c <= ' ' || c == 0x7f ? (char) ('a' + c % 26) : (char) c);
        }
        return key.toString();
    }
}
