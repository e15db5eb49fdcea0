package io.emcache.internal.protocol;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.emcache.internal.protocol.ProtocolException.Reason;
import java.lang.foreign.MemorySegment;
import java.time.Instant;

/**
 * What a server tells of an item as {@code name=value}, separated by spaces: {@code exp=-1 la=0 cas=7 fetch=yes cls=1
 * size=62}. Not safe for threads: filled again for every line. Names it does not know are skipped, but none that ends in
 * {@code key}: there another line begins inside this one. Old servers leave {@code cls} and {@code size} out.
 */
final class ItemLine {
    private static final int EXP = 1;
    private static final int LA = 1 << 1;
    private static final int CAS = 1 << 2;
    private static final int FETCH = 1 << 3;
    private static final int CLS = 1 << 4;
    private static final int SIZE = 1 << 5;
    private static final int REQUIRED = EXP | LA | CAS | FETCH;
    private static final long LARGEST_TENTH = Long.divideUnsigned(-1L, 10);
    private static final long MAX_SECONDS = Instant.MAX.getEpochSecond();

    long exp;
    long la;
    long cas;
    boolean fetched;
    int slabClass;
    long sizeBytes;
    private int seen;

    /** Reads the fields in [from, end). */
    void decode(MemorySegment in, long from, long end) {
        seen = 0;
        slabClass = -1;
        sizeBytes = -1;
        long at = from;
        while (at < end) {
            if (in.get(JAVA_BYTE, at) == ' ') {
                at++;
            } else {
                long tokenEnd = indexOf(in, at, end, ' ');
                decodeField(in, at, tokenEnd);
                at = tokenEnd;
            }
        }
        if ((seen & REQUIRED) != REQUIRED) {
            throw badLine();
        }
    }

    private void decodeField(MemorySegment in, long from, long end) {
        long value = indexOf(in, from, end, '=') + 1;
        if (value > end) {
            throw badLine();
        }
        long nameEnd = value - 1;
        int field = fieldOf(in, from, (int) (nameEnd - from));
        if ((seen & field) != 0 || (nameEnd - from >= 3 && isText(in, nameEnd - 3, "key"))) {
            throw badLine();
        }
        seen |= field;
        switch (field) {
            case EXP -> exp = signedSeconds(in, value, end);
            case LA -> la = atMost(MAX_SECONDS, in, value, end);
            case CAS -> cas = unsigned(in, value, end);
            case FETCH -> fetched = isYes(in, value, end);
            case CLS -> slabClass = (int) atMost(Integer.MAX_VALUE, in, value, end);
            case SIZE -> sizeBytes = atMost(Long.MAX_VALUE, in, value, end);
            default -> {}
        }
    }

    private static int fieldOf(MemorySegment in, long at, int length) {
        return switch (length) {
            case 2 -> isText(in, at, "la") ? LA : 0;
            case 3 -> isText(in, at, "exp") ? EXP : isText(in, at, "cas") ? CAS : isText(in, at, "cls") ? CLS : 0;
            case 4 -> isText(in, at, "size") ? SIZE : 0;
            case 5 -> isText(in, at, "fetch") ? FETCH : 0;
            default -> 0;
        };
    }

    private static boolean isYes(MemorySegment in, long at, long end) {
        boolean yes = end - at == 3 && isText(in, at, "yes");
        if (!yes && !(end - at == 2 && isText(in, at, "no"))) {
            throw badLine();
        }
        return yes;
    }

    /** Whether the bytes from {@code at} on are that text; the caller knows that there are as many. */
    static boolean isText(MemorySegment in, long at, String text) {
        for (int i = 0; i < text.length(); i++) {
            if (in.get(JAVA_BYTE, at + i) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Returns where the first such byte in [from, end) is, or {@code end}. */
    static long indexOf(MemorySegment in, long from, long end, char wanted) {
        long at = from;
        while (at < end && in.get(JAVA_BYTE, at) != wanted) {
            at++;
        }
        return at;
    }

    private static long signedSeconds(MemorySegment in, long at, long end) {
        boolean negative = at < end && in.get(JAVA_BYTE, at) == '-';
        return negative ? -atMost(MAX_SECONDS, in, at + 1, end) : atMost(MAX_SECONDS, in, at, end);
    }

    private static long atMost(long limit, MemorySegment in, long at, long end) {
        long value = unsigned(in, at, end);
        if (Long.compareUnsigned(value, limit) > 0) {
            throw badNumber();
        }
        return value;
    }

    private static long unsigned(MemorySegment in, long from, long end) {
        if (from == end) {
            throw badNumber();
        }
        long value = 0;
        for (long at = from; at < end; at++) {
            int digit = in.get(JAVA_BYTE, at) - '0';
            boolean overflows = Long.compareUnsigned(value, LARGEST_TENTH) > 0 || (value == LARGEST_TENTH && digit > 5);
            if (digit < 0 || digit > 9 || overflows) {
                throw badNumber();
            }
            value = value * 10 + digit;
        }
        return value;
    }

    static ProtocolException badLine() {
        return new ProtocolException(Reason.BAD_LINE, "a line does not describe an item");
    }

    private static ProtocolException badNumber() {
        return new ProtocolException(Reason.BAD_NUMBER, "a line about an item has a number that is none");
    }
}
