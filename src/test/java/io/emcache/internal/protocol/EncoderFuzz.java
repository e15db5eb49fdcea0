package io.emcache.internal.protocol;

import static io.emcache.testkit.FuzzInput.require;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.emcache.testkit.FuzzInput;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Fuzz target: any message that the layout allows, with valid keys, in both dialects. What is encoded fits into the
 * room that was asked for, and is the command that {@link ExpectedCommand} writes down from the rules.
 */
final class EncoderFuzz {
    private static final int MOST_KEYS = 100;
    private static final long OFFSET = Messages.OFFSET;
    private static final Capabilities OLDEST = Capabilities.of(ServerVersion.parse("1.4.0"), false);

    private EncoderFuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        int op = OpCode.GET + input.next(OpCode.META_DEBUG);
        int opaque = input.nextBoolean() ? CommandEncoder.NO_OPAQUE : input.next(1 << 16);
        int options = input.next(256) & allowedOptions(op);
        int itemFlags = input.nextInt();
        int exptime = input.nextInt();
        long cas = (long) input.nextInt() << 32 | Integer.toUnsignedLong(input.nextInt());
        long extra = (long) input.nextInt() << 32 | Integer.toUnsignedLong(input.nextInt());
        int[] lengths = new int[OpCode.isMany(op) ? 1 + input.next(MOST_KEYS) : hasKey(op) ? 1 : 0];
        boolean[] binary = new boolean[lengths.length];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = 1 + input.next(KeyCodec.MAX_KEY_BYTES);
            binary[i] = OpCode.isMany(op) && input.nextBoolean();
        }
        byte[] rest = input.rest();
        List<String> keys = new ArrayList<>();
        int from = 0;
        for (int length : lengths) {
            keys.add(key(rest, from, length));
            from += length;
        }
        byte[] value = OpCode.carriesData(op) && from < rest.length
                ? Arrays.copyOfRange(rest, from, rest.length)
                : new byte[0];
        ExpectedCommand expected =
                new ExpectedCommand(op, options, keys, binary, value, itemFlags, exptime, cas, extra, opaque);
        check(expected, message(expected));
    }

    private static void check(ExpectedCommand expected, MemorySegment message) {
        require(
                text(Messages.encode(MetaEncoder.INSTANCE, message, expected.opaque()))
                        .equals(expected.meta()),
                "not " + expected.meta());
        if (!OLDEST.knows(message, OFFSET)) {
            return;
        }
        require(
                text(Messages.encode(ClassicEncoder.INSTANCE, message, expected.opaque()))
                        .equals(expected.classic()),
                "not " + expected.classic());
        if (expected.op() == OpCode.GET_MANY || expected.op() == OpCode.GET_ITEM_MANY) {
            byte[] encoded = Messages.encodeMultiKeyGet(message);
            require(text(encoded).equals(expected.classic()), "not " + expected.classic());
        }
    }

    private static String text(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }

    private static boolean hasKey(int op) {
        return switch (op) {
            case OpCode.VERSION,
                    OpCode.NOOP,
                    OpCode.STATS_RESET,
                    OpCode.FLUSH_ALL,
                    OpCode.VERBOSITY,
                    OpCode.CACHE_MEMLIMIT -> false;
            default -> true;
        };
    }

    private static int allowedOptions(int op) {
        int write = CommandLayout.NO_REPLY | CommandLayout.BINARY_KEY;
        int store = write | CommandLayout.EXTERNAL_VALUE | CommandLayout.COMPARE_CAS | CommandLayout.GIVE_CAS;
        return switch (op) {
            case OpCode.SET, OpCode.ADD, OpCode.REPLACE, OpCode.CAS -> store;
            case OpCode.APPEND, OpCode.PREPEND -> store | CommandLayout.CREATE;
            case OpCode.DELETE -> write | CommandLayout.COMPARE_CAS | CommandLayout.GIVE_CAS;
            case OpCode.INVALIDATE ->
                write
                        | CommandLayout.COMPARE_CAS
                        | CommandLayout.GIVE_CAS
                        | CommandLayout.NEW_EXPTIME
                        | CommandLayout.DROP_VALUE;
            case OpCode.INCREMENT, OpCode.DECREMENT -> write | CommandLayout.CREATE | CommandLayout.NEW_EXPTIME;
            case OpCode.TOUCH -> write;
            case OpCode.GET, OpCode.GAT, OpCode.GET_ITEM, OpCode.GAT_ITEM, OpCode.LEASE, OpCode.META_DEBUG ->
                CommandLayout.BINARY_KEY;
            default -> 0;
        };
    }

    /** The message at an odd offset of a segment that ends with it. */
    private static MemorySegment message(ExpectedCommand command) {
        boolean many = OpCode.isMany(command.op());
        List<String> keys = command.keys();
        int keyBytes = String.join("", keys).length();
        byte[] inline = (command.options() & CommandLayout.EXTERNAL_VALUE) == 0 ? command.value() : new byte[0];
        int blockLength = CommandLayout.keyBlockLength(keys.size(), keyBytes);
        int length = many
                ? CommandLayout.lengthOfMany(keys.size(), keyBytes)
                : CommandLayout.length(keyBytes, inline.length);
        MemorySegment message = MemorySegment.ofArray(new byte[(int) OFFSET + length]);
        CommandLayout.putHeader(
                message,
                OFFSET,
                7,
                8,
                command.op(),
                command.options(),
                many ? keys.size() : keyBytes,
                many ? blockLength : command.value().length,
                command.itemFlags(),
                command.exptime(),
                command.cas());
        CommandLayout.putExtra(message, OFFSET, command.extra());
        long at = CommandLayout.keyOffset(OFFSET);
        for (int i = 0; i < keys.size(); i++) {
            byte[] key = keys.get(i).getBytes(ISO_8859_1);
            if (many) {
                MemorySegment bytes = MemorySegment.ofArray(key);
                at = CommandLayout.putBlockKey(message, at, bytes, 0, key.length, command.binary()[i]);
            } else {
                MemorySegment.copy(key, 0, message, JAVA_BYTE, at, key.length);
            }
        }
        if (inline.length > 0) {
            MemorySegment.copy(
                    inline, 0, message, JAVA_BYTE, CommandLayout.valueOffset(message, OFFSET), inline.length);
        }
        return message;
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
