package io.emcache.internal.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.foreign.MemorySegment;

/** The commands about the server itself, which are the same in both dialects. Stateless; safe for all threads. */
final class AdminEncoder {
    private static final byte[] VERSION = word("version");
    private static final byte[] STATS = word("stats");
    private static final byte[] STATS_RESET = word("stats reset");
    private static final byte[] FLUSH_ALL = word("flush_all");
    private static final byte[] VERBOSITY = word("verbosity");
    private static final byte[] CACHE_MEMLIMIT = word("cache_memlimit");

    private static final int OK = 1 << ReplyLine.OK;

    private AdminEncoder() {}

    private static byte[] word(String text) {
        return text.getBytes(US_ASCII);
    }

    static long encode(int op, MemorySegment message, long offset, MemorySegment out, long at) {
        return switch (op) {
            case OpCode.VERSION -> putVersion(out, at);
            case OpCode.STATS -> encodeStats(message, offset, out, at);
            case OpCode.STATS_RESET -> Ascii.putCrlf(out, Ascii.put(STATS_RESET, out, at));
            case OpCode.FLUSH_ALL -> withNumber(FLUSH_ALL, message, offset, out, at);
            case OpCode.VERBOSITY -> withNumber(VERBOSITY, message, offset, out, at);
            case OpCode.CACHE_MEMLIMIT -> withNumber(CACHE_MEMLIMIT, message, offset, out, at);
            default -> throw new IllegalArgumentException("unknown op code [op=" + op + "]");
        };
    }

    static long putVersion(MemorySegment out, long at) {
        return Ascii.putCrlf(out, Ascii.put(VERSION, out, at));
    }

    private static long encodeStats(MemorySegment message, long offset, MemorySegment out, long outOffset) {
        long at = Ascii.put(STATS, out, outOffset);
        int length = CommandLayout.keyLength(message, offset);
        if (length > 0) {
            out.set(Ascii.SHORT, at, (short) ' ');
            at = Ascii.put(message, CommandLayout.keyOffset(offset), length, out, at + 1);
        }
        return Ascii.putCrlf(out, at);
    }

    private static long withNumber(byte[] command, MemorySegment message, long offset, MemorySegment out, long to) {
        long at = Ascii.put(command, out, to);
        out.set(Ascii.SHORT, at, (short) ' ');
        return Ascii.putCrlf(out, Ascii.putDecimal(out, at + 1, CommandLayout.cas(message, offset)));
    }

    static int replies(int op) {
        return switch (op) {
            case OpCode.VERSION -> 1 << ReplyLine.VERSION;
            case OpCode.STATS -> 1 << ReplyLine.STAT | 1 << ReplyLine.END | OK; // "stats detail on"
            case OpCode.STATS_RESET -> 1 << ReplyLine.RESET;
            case OpCode.FLUSH_ALL, OpCode.VERBOSITY, OpCode.CACHE_MEMLIMIT -> OK;
            default -> 0;
        };
    }
}
