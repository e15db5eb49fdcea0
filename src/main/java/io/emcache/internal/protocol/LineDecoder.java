package io.emcache.internal.protocol;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.emcache.internal.protocol.ProtocolException.Reason;
import java.lang.foreign.MemorySegment;

/**
 * Fills a {@link ReplyLine}. Not safe for threads: part of a {@link ReplyParser}.
 *
 * <p>The kind comes from the first word of the line in one comparison: two letters and a third byte that ends them for
 * the meta replies, four letters for the others. Words may be loaded up to {@code limit}, past the end of the line; CR,
 * neither digit nor letter, ends every search in time.
 */
final class LineDecoder {
    private static final int VA_CODE = 'V' | ('A' << 8);
    private static final int VA_LENGTH = 3;
    private static final int VALUE_LENGTH = 5;
    private static final long LARGEST_TENTH = Long.divideUnsigned(-1L, 10);

    private final int largestValueBytes;
    private long start;
    private long end;
    private long limit;
    private long cursor;
    private final ReplyLine line;

    LineDecoder(int largestValueBytes, ReplyLine line) {
        this.largestValueBytes = largestValueBytes;
        this.line = line;
    }

    /** Decodes the line [start, end), which CRLF follows, from a segment that may be read up to {@code limit}. */
    void decode(MemorySegment in, long start, long end, long limit) {
        this.start = start;
        this.end = end;
        this.limit = limit;
        clear(in, start, end);
        if (end - start < 2) {
            decodeNumber(in);
            return;
        }
        int word = in.get(Ascii.INT, start);
        int third = (word >>> 16) & 0xFF;
        if (third == ' ' || (third == '\r' && end - start == 2)) {
            decodeMeta(in, word & 0xFFFF);
        } else {
            decodeClassic(in, word);
        }
    }

    private void clear(MemorySegment in, long start, long end) {
        ReplyLine line = this.line;
        if (line.segment != in) {
            line.segment = in;
        }
        line.start = start;
        line.end = end;
        line.valueLength = 0;
        line.keyLength = -1;
        line.opaque = -1;
        line.present = 0;
    }

    private void decodeMeta(MemorySegment in, int code) {
        if (code == VA_CODE) {
            line.kind = ReplyLine.VA;
            line.valueLength = valueLengthAt(in, start + VA_LENGTH);
            decodeFlags(in, cursor);
            return;
        }
        line.kind = metaKind(code);
        switch (line.kind) {
            case 0 -> decodeNumber(in);
            case ReplyLine.ME, ReplyLine.OK -> {}
            default -> decodeFlags(in, start + 2);
        }
    }

    private static int metaKind(int code) {
        return switch (code) {
            case 'H' | 'D' << 8 -> ReplyLine.HD;
            case 'E' | 'N' << 8 -> ReplyLine.EN;
            case 'N' | 'F' << 8 -> ReplyLine.NF;
            case 'N' | 'S' << 8 -> ReplyLine.NS;
            case 'E' | 'X' << 8 -> ReplyLine.EX;
            case 'M' | 'N' << 8 -> ReplyLine.MN;
            case 'M' | 'E' << 8 -> ReplyLine.ME;
            case 'O' | 'K' << 8 -> ReplyLine.OK;
            default -> 0;
        };
    }

    private void decodeFlags(MemorySegment in, long from) {
        long at = from;
        while (at < end) {
            byte flag = in.get(JAVA_BYTE, at++);
            if (flag == 'k') {
                at = decodeKey(in, at);
            } else if (flag == 'O') {
                at = decodeOpaque(in, at);
            } else if (flag != ' ') {
                at = decodeRareFlag(in, flag, at);
            }
        }
    }

    private long decodeKey(MemorySegment in, long at) {
        long keyEnd = Ascii.indexOfSpace(in, at, end, limit);
        line.keyOffset = at;
        line.keyLength = (int) (keyEnd - at);
        return keyEnd;
    }

    private long decodeOpaque(MemorySegment in, long at) {
        line.opaque = end - at >= 4 ? Ascii.fromHex(in.get(Ascii.INT, at)) : -1;
        if (line.opaque < 0 || !isTokenEnd(in, at + 4)) {
            throw new ProtocolException(Reason.BAD_OPAQUE, "a reply has an opaque that was not sent");
        }
        return at + 4;
    }

    private long decodeRareFlag(MemorySegment in, byte flag, long at) {
        switch (flag) {
            case 'f' -> line.itemFlags = unsignedAt(in, at);
            case 'c' -> line.cas = unsignedAt(in, at);
            case 's' -> line.sizeBytes = signed(unsignedAt(in, at));
            case 'l' -> line.lastAccessSeconds = signed(unsignedAt(in, at));
            case 'h' -> line.hitBefore = unsignedAt(in, at) != 0;
            case 't' -> line.ttlSeconds = ttl(in, at);
            case 'b', 'W', 'X', 'Z' -> cursor = at;
            default -> {
                return Ascii.indexOfSpace(in, at, end, limit);
            }
        }
        line.present |= ReplyLine.bit(flag);
        if (!isTokenEnd(in, cursor)) {
            throw badNumber();
        }
        return cursor;
    }

    private static long signed(long number) {
        if (number < 0) {
            throw badNumber();
        }
        return number;
    }

    private long ttl(MemorySegment in, long at) {
        if (at < end && in.get(JAVA_BYTE, at) == '-') {
            signed(unsignedAt(in, at + 1));
            return -1;
        }
        return signed(unsignedAt(in, at));
    }

    private void decodeClassic(MemorySegment in, int word) {
        line.kind = switch (word) {
            case 'V' | 'A' << 8 | 'L' << 16 | 'U' << 24 -> isWord(in, "VALUE", false) ? ReplyLine.VALUE : 0;
            case 'E' | 'N' << 8 | 'D' << 16 | '\r' << 24 -> isWord(in, "END", true) ? ReplyLine.END : 0;
            case 'S' | 'T' << 8 | 'O' << 16 | 'R' << 24 -> isWord(in, "STORED", true) ? ReplyLine.STORED : 0;
            case 'N' | 'O' << 8 | 'T' << 16 | '_' << 24 ->
                isWord(in, "NOT_FOUND", true)
                        ? ReplyLine.NOT_FOUND
                        : isWord(in, "NOT_STORED", true) ? ReplyLine.NOT_STORED : 0;
            case 'D' | 'E' << 8 | 'L' << 16 | 'E' << 24 -> isWord(in, "DELETED", true) ? ReplyLine.DELETED : 0;
            case 'T' | 'O' << 8 | 'U' << 16 | 'C' << 24 -> isWord(in, "TOUCHED", true) ? ReplyLine.TOUCHED : 0;
            case 'E' | 'X' << 8 | 'I' << 16 | 'S' << 24 -> isWord(in, "EXISTS", true) ? ReplyLine.EXISTS : 0;
            case 'V' | 'E' << 8 | 'R' << 16 | 'S' << 24 -> isWord(in, "VERSION", false) ? ReplyLine.VERSION : 0;
            case 'S' | 'T' << 8 | 'A' << 16 | 'T' << 24 -> isWord(in, "STAT", false) ? ReplyLine.STAT : 0;
            case 'R' | 'E' << 8 | 'S' << 16 | 'E' << 24 -> isWord(in, "RESET", true) ? ReplyLine.RESET : 0;
            case 'E' | 'R' << 8 | 'R' << 16 | 'O' << 24 -> isWord(in, "ERROR", false) ? ReplyLine.ERROR : 0;
            case 'C' | 'L' << 8 | 'I' << 16 | 'E' << 24 ->
                isWord(in, "CLIENT_ERROR", false) ? ReplyLine.CLIENT_ERROR : 0;
            case 'S' | 'E' << 8 | 'R' << 16 | 'V' << 24 ->
                isWord(in, "SERVER_ERROR", false) ? ReplyLine.SERVER_ERROR : 0;
            default -> adminKind(in, word);
        };
        if (line.kind == ReplyLine.VALUE) {
            decodeValueHeader(in);
        } else if (line.kind == 0) {
            decodeNumber(in);
        }
    }

    /** What only the commands of an administrator are answered with. */
    private int adminKind(MemorySegment in, int word) {
        return switch (word) {
            case 'P' | 'R' << 8 | 'E' << 16 | 'F' << 24 -> isWord(in, "PREFIX", false) ? ReplyLine.STAT : 0;
            case 'B' | 'U' << 8 | 'S' << 16 | 'Y' << 24 -> isWord(in, "BUSY", false) ? ReplyLine.REFUSED : 0;
            case 'L' | 'O' << 8 | 'C' << 16 | 'K' << 24 -> isWord(in, "LOCKED", false) ? ReplyLine.REFUSED : 0;
            case 'B' | 'A' << 8 | 'D' << 16 | 'C' << 24 -> isWord(in, "BADCLASS", false) ? ReplyLine.REFUSED : 0;
            case 'M' | 'E' << 8 | 'M' << 16 | 'L' << 24 ->
                isWord(in, "MEMLIMIT_TOO_SMALL", false) ? ReplyLine.REFUSED : 0;
            default -> 0;
        };
    }

    /** Whether the line is that word, or (unless {@code alone}) begins with it and a space or a colon. */
    private boolean isWord(MemorySegment in, String word, boolean alone) {
        int length = word.length();
        if (end - start < length) {
            return false;
        }
        for (int i = 4; i < length; i++) {
            if (in.get(JAVA_BYTE, start + i) != word.charAt(i)) {
                return false;
            }
        }
        if (end - start == length) {
            return true;
        }
        byte next = in.get(JAVA_BYTE, start + length);
        return !alone && (next == ' ' || next == ':');
    }

    private void decodeValueHeader(MemorySegment in) {
        long keyEnd = decodeKey(in, afterSpace(in, start + VALUE_LENGTH));
        if (line.keyLength <= 0) {
            throw badLine();
        }
        line.itemFlags = unsignedAt(in, afterSpace(in, keyEnd));
        line.valueLength = valueLengthAt(in, afterSpace(in, cursor));
        line.present = ReplyLine.bit('f');
        if (cursor < end) {
            decodeCas(in);
        }
    }

    private void decodeCas(MemorySegment in) {
        line.cas = unsignedAt(in, afterSpace(in, cursor));
        line.present |= ReplyLine.bit('c');
        if (cursor != end) {
            throw badLine();
        }
    }

    private long afterSpace(MemorySegment in, long at) {
        if (at >= end || in.get(JAVA_BYTE, at) != ' ') {
            throw badLine();
        }
        return at + 1;
    }

    /** Counters that became shorter keep their length in the store: the server pads them with spaces. */
    private void decodeNumber(MemorySegment in) {
        if (start == end || !isDigit(in.get(JAVA_BYTE, start))) {
            throw badLine();
        }
        line.kind = ReplyLine.NUMBER;
        line.number = unsignedAt(in, start);
        for (long at = cursor; at < end; at++) {
            if (in.get(JAVA_BYTE, at) != ' ') {
                throw badNumber();
            }
        }
    }

    private boolean isTokenEnd(MemorySegment in, long at) {
        return at == end || in.get(JAVA_BYTE, at) == ' ';
    }

    private int valueLengthAt(MemorySegment in, long at) {
        long length = unsignedAt(in, at);
        if (Long.compareUnsigned(length, largestValueBytes) > 0) {
            throw ProtocolException.valueTooLarge(length, largestValueBytes);
        }
        if (!isTokenEnd(in, cursor)) {
            throw badNumber();
        }
        return (int) length;
    }

    /** Returns the number at {@code at}; {@link #cursor} is then at the first byte after its digits. */
    private long unsignedAt(MemorySegment in, long at) {
        if (limit - at >= Long.BYTES) {
            long word = in.get(Ascii.LONG, at);
            int count = Ascii.countDigits(word);
            if (count > 0 && count < Long.BYTES) {
                cursor = at + count;
                return Ascii.parseDigits(word, count);
            }
        }
        return longUnsignedAt(in, at);
    }

    private long longUnsignedAt(MemorySegment in, long from) {
        long value = 0;
        long at = from;
        for (; at < end && isDigit(in.get(JAVA_BYTE, at)); at++) {
            int digit = in.get(JAVA_BYTE, at) - '0';
            if (Long.compareUnsigned(value, LARGEST_TENTH) > 0 || (value == LARGEST_TENTH && digit > 5)) {
                throw badNumber();
            }
            value = value * 10 + digit;
        }
        if (at == from) {
            throw badNumber();
        }
        cursor = at;
        return value;
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    private static ProtocolException badLine() {
        return new ProtocolException(Reason.BAD_LINE, "a line is not a memcached reply");
    }

    private static ProtocolException badNumber() {
        return new ProtocolException(Reason.BAD_NUMBER, "a reply has a number that is none");
    }
}
