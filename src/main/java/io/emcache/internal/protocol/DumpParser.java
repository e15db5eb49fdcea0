package io.emcache.internal.protocol;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.emcache.internal.protocol.ProtocolException.Reason;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * Reads the answer to {@code lru_crawler metadump}, one item at a time. Not safe for threads; it copies nothing but the
 * key.
 *
 * <p>Lines end by a bare LF, the last one, {@code END}, by CRLF. Keys are percent-encoded but for letters, digits and
 * {@code -._~}. It takes nothing else, so that no fault of a stream, such as two lines grown into one, looks like a key. A
 * line {@code OK} before the first item is skipped: the server means to send it (memcached issue 667).
 */
public final class DumpParser {
    /** More bytes are needed. */
    public static final int INCOMPLETE = 0;

    /** An item was read. */
    public static final int ITEM = 1;

    /** That was all. */
    public static final int END = 2;

    /** The server does not dump now, or not at all. */
    public static final int REFUSED = 3;

    /** The longest line to take; one with the longest key has about 900 bytes. */
    public static final int LONGEST_LINE_BYTES = 4096;

    private static final int MAX_REFUSAL_BYTES = 1024;
    private static final String KEY = "key=";

    private int keyLength;
    private boolean started;
    private long position;
    private String refusal = "";

    private final byte[] key = new byte[KeyCodec.MAX_KEY_BYTES];
    private final ItemLine line = new ItemLine();

    /** Makes a parser that is before the first line. */
    public DumpParser() {}

    /**
     * Parses the next line.
     *
     * @param in the segment the bytes are in
     * @param from where they begin
     * @param to where they end
     * @return one of the constants of this class; after END and REFUSED there is nothing more to parse
     * @throws ProtocolException if the bytes are not such a line; the parser is of no more use then
     * @throws IndexOutOfBoundsException if [from, to) is not inside the segment
     */
    public int next(MemorySegment in, long from, long to) {
        Objects.checkFromToIndex(from, to, in.byteSize());
        position = from;
        while (true) {
            long lineFeed = Ascii.indexOfLineFeed(in, position, to);
            if (lineFeed < 0) {
                checkLength(to - position);
                return INCOMPLETE;
            }
            checkLength(lineFeed - position);
            long start = position;
            position = lineFeed + 1;
            int kind = decode(in, start, withoutReturn(in, start, lineFeed));
            if (kind != INCOMPLETE) {
                return kind;
            }
        }
    }

    private int decode(MemorySegment in, long start, long end) {
        long length = end - start;
        if (length >= KEY.length() && ItemLine.isText(in, start, KEY)) {
            started = true;
            decodeItem(in, start + KEY.length(), end);
            return ITEM;
        }
        if (length == 3 && ItemLine.isText(in, start, "END")) {
            return END;
        }
        if (started || length == 0) {
            throw ItemLine.badLine();
        }
        started = true;
        if (length == 2 && ItemLine.isText(in, start, "OK")) {
            return INCOMPLETE;
        }
        refusal = refusalOf(in, start, end);
        return REFUSED;
    }

    private static long withoutReturn(MemorySegment in, long start, long lineFeed) {
        return lineFeed > start && in.get(JAVA_BYTE, lineFeed - 1) == '\r' ? lineFeed - 1 : lineFeed;
    }

    private static void checkLength(long bytes) {
        if (bytes > LONGEST_LINE_BYTES) {
            throw new ProtocolException(
                    Reason.LINE_TOO_LONG, "a line of a dump is longer than " + LONGEST_LINE_BYTES + " bytes");
        }
    }

    /** The refusals begin with a word in capitals: {@code BUSY}, {@code CLIENT_ERROR}, {@code ERROR} and others. */
    private static String refusalOf(MemorySegment in, long start, long end) {
        byte first = in.get(JAVA_BYTE, start);
        if (first < 'A' || first > 'Z') {
            throw ItemLine.badLine();
        }
        byte[] bytes =
                in.asSlice(start, Math.min(end - start, MAX_REFUSAL_BYTES)).toArray(JAVA_BYTE);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private void decodeItem(MemorySegment in, long from, long end) {
        long keyEnd = ItemLine.indexOf(in, from, end, ' ');
        keyLength = 0;
        long at = from;
        while (at < keyEnd) {
            byte b = in.get(JAVA_BYTE, at);
            if (b == '%') {
                addToKey(hexAt(in, at + 1, keyEnd) << 4 | hexAt(in, at + 2, keyEnd));
                at += 3;
            } else if (isUnreserved(b)) {
                addToKey(b);
                at++;
            } else {
                throw ItemLine.badLine();
            }
        }
        if (keyLength == 0) {
            throw ItemLine.badLine();
        }
        line.decode(in, keyEnd, end);
    }

    private void addToKey(int b) {
        if (keyLength == key.length) {
            throw ItemLine.badLine();
        }
        key[keyLength++] = (byte) b;
    }

    private static boolean isUnreserved(byte b) {
        return (b >= 'a' && b <= 'z')
                || (b >= 'A' && b <= 'Z')
                || (b >= '0' && b <= '9')
                || b == '-'
                || b == '.'
                || b == '_'
                || b == '~';
    }

    private static int hexAt(MemorySegment in, long at, long end) {
        int digit = at < end ? Character.digit(in.get(JAVA_BYTE, at), 16) : -1;
        if (digit < 0) {
            throw ItemLine.badLine();
        }
        return digit;
    }

    /**
     * Returns where the next call has to go on.
     *
     * @return the offset of the first byte not consumed
     */
    public long position() {
        return position;
    }

    /**
     * Returns what the server said in place of a dump.
     *
     * @return the line, at most 1024 bytes of it; empty unless it was REFUSED
     */
    public String refusal() {
        return refusal;
    }

    /**
     * Returns the key of the item.
     *
     * @return a copy of its bytes, decoded
     */
    public byte[] key() {
        return Arrays.copyOf(key, keyLength);
    }

    /**
     * Returns when the item expires.
     *
     * @return seconds since 1970 by the clock of the server, or -1 if it does not
     */
    public long expirySeconds() {
        return line.exp;
    }

    /**
     * Returns when the item was last used.
     *
     * @return seconds since 1970 by the clock of the server
     */
    public long lastAccessSeconds() {
        return line.la;
    }

    /**
     * Returns the CAS of the item.
     *
     * @return an unsigned number
     */
    public long cas() {
        return line.cas;
    }

    /**
     * Returns whether the item was read since it was stored.
     *
     * @return true if it was
     */
    public boolean isFetched() {
        return line.fetched;
    }

    /**
     * Returns the slab class of the item.
     *
     * @return its number, or -1 if the server does not tell
     */
    public int slabClass() {
        return line.slabClass;
    }

    /**
     * Returns what the item takes on the server, with key and header.
     *
     * @return bytes, or -1 if the server does not tell
     */
    public long sizeBytes() {
        return line.sizeBytes;
    }
}
