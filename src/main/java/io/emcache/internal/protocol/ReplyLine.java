package io.emcache.internal.protocol;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * One reply line, decoded in place: a flyweight over the receive segment that its {@link LineDecoder} fills again for
 * every line. Not safe for threads; what it says about bytes (key, text) is valid until the callback returns, its
 * numbers until the next line.
 *
 * <p>The flags of a meta reply come in any order and are kept as a set; flags it does not know are skipped. Source of
 * all forms: memcached's {@code doc/protocol.txt} and the replies of servers 1.6.18 and 1.6.38.
 */
public final class ReplyLine {
    /** Meta: a value follows. */
    public static final int VA = 1;

    /** Meta: done, or a hit without a value. */
    public static final int HD = 2;

    /** Meta: a miss. */
    public static final int EN = 3;

    /** Meta: not found. */
    public static final int NF = 4;

    /** Meta: not stored. */
    public static final int NS = 5;

    /** Meta: exists, the CAS did not match. */
    public static final int EX = 6;

    /** Meta: the answer to {@code mn}. */
    public static final int MN = 7;

    /** Meta: what {@code me} knows of an item. */
    public static final int ME = 8;

    /** Classic: a value follows. */
    public static final int VALUE = 9;

    /** Classic: all values were sent. */
    public static final int END = 10;

    /** Classic: stored. */
    public static final int STORED = 11;

    /** Classic: not stored. */
    public static final int NOT_STORED = 12;

    /** Classic: exists, the CAS did not match. */
    public static final int EXISTS = 13;

    /** Classic: not found. */
    public static final int NOT_FOUND = 14;

    /** Classic: deleted. */
    public static final int DELETED = 15;

    /** Classic: touched. */
    public static final int TOUCHED = 16;

    /** Done. */
    public static final int OK = 17;

    /** The version of the server. */
    public static final int VERSION = 18;

    /** Classic: the value of a counter. */
    public static final int NUMBER = 19;

    /** One line of statistics: {@code STAT}, or {@code PREFIX} in those of key prefixes. */
    public static final int STAT = 20;

    /** Statistics were reset. */
    public static final int RESET = 21;

    /** The server does not know the command, or refuses to talk. */
    public static final int ERROR = 22;

    /** The command was wrong. */
    public static final int CLIENT_ERROR = 23;

    /** The server failed. */
    public static final int SERVER_ERROR = 24;

    /** An administrator's command was refused: {@code BUSY}, {@code BADCLASS}, {@code LOCKED}, {@code MEMLIMIT_TOO_SMALL}. */
    public static final int REFUSED = 25;

    /** One bit for each of the four error kinds. */
    static final int ERRORS = 1 << ERROR | 1 << CLIENT_ERROR | 1 << SERVER_ERROR | 1 << REFUSED;

    private static final String[] NAMES = {
        "NONE",
        "VA",
        "HD",
        "EN",
        "NF",
        "NS",
        "EX",
        "MN",
        "ME",
        "VALUE",
        "END",
        "STORED",
        "NOT_STORED",
        "EXISTS",
        "NOT_FOUND",
        "DELETED",
        "TOUCHED",
        "OK",
        "VERSION",
        "NUMBER",
        "STAT",
        "RESET",
        "ERROR",
        "CLIENT_ERROR",
        "SERVER_ERROR",
        "REFUSED"
    };

    int kind;
    int valueLength;
    int keyLength = -1;
    int opaque = -1;
    long present;
    long start;
    long end;
    long keyOffset;
    long itemFlags;
    long cas;
    long number;
    long ttlSeconds;
    long lastAccessSeconds;
    long sizeBytes;
    boolean hitBefore;
    MemorySegment segment = MemorySegment.NULL;

    ReplyLine() {}

    /**
     * Returns which reply it is.
     *
     * @return one of the constants of this class
     */
    public int kind() {
        return kind;
    }

    /**
     * Whether the reply is one of the four kinds of error lines.
     *
     * @return true for ERROR, CLIENT_ERROR, SERVER_ERROR, REFUSED
     */
    public boolean isError() {
        return kind >= ERROR;
    }

    /**
     * Whether a value follows the line.
     *
     * @return true for VA and VALUE
     */
    public boolean announcesValue() {
        return kind == VA || kind == VALUE;
    }

    /**
     * Returns the segment the line is in.
     *
     * @return the segment, borrowed
     */
    public MemorySegment segment() {
        return segment;
    }

    /**
     * Returns where the line begins.
     *
     * @return an offset in {@link #segment}
     */
    public long start() {
        return start;
    }

    /**
     * Returns where the line ends, before its CRLF.
     *
     * @return an offset in {@link #segment}
     */
    public long end() {
        return end;
    }

    /**
     * Returns the length of the value that follows.
     *
     * @return bytes, 0 unless {@link #announcesValue}
     */
    public int valueLength() {
        return valueLength;
    }

    /**
     * Returns the client flags of the item. Servers built with 64-bit flags may send more than 32 bits.
     *
     * @return the flags, unsigned; 0 if the line has none
     */
    public long itemFlags() {
        return has('f') ? itemFlags : 0;
    }

    /**
     * Whether the line has a CAS.
     *
     * @return true if it has
     */
    public boolean hasCas() {
        return has('c');
    }

    /**
     * Returns the CAS.
     *
     * @return the CAS, unsigned; 0 if the line has none
     */
    public long cas() {
        return has('c') ? cas : 0;
    }

    /**
     * Returns the value of the counter.
     *
     * @return the number, unsigned; 0 unless the kind is {@link #NUMBER}
     */
    public long number() {
        return kind == NUMBER ? number : 0;
    }

    /**
     * Returns the opaque.
     *
     * @return 0 to 65535, or -1 if the line has none
     */
    public int opaque() {
        return opaque;
    }

    /**
     * Returns where the echoed key begins.
     *
     * @return an offset in {@link #segment}, meaningless if {@link #keyLength} is -1
     */
    public long keyOffset() {
        return keyOffset;
    }

    /**
     * Returns the length of the echoed key.
     *
     * @return bytes as they came, base64 included, or -1 if the line has no key
     */
    public int keyLength() {
        return keyLength;
    }

    /**
     * Whether the echoed key is base64.
     *
     * @return true if the line has the flag {@code b}
     */
    public boolean isKeyBase64() {
        return has('b');
    }

    /**
     * Whether the line has the remaining time to live.
     *
     * @return true if it has
     */
    public boolean hasTtl() {
        return has('t');
    }

    /**
     * Returns the remaining time to live.
     *
     * @return seconds; -1 if the item does not expire, or the line has none
     */
    public long ttlSeconds() {
        return has('t') ? ttlSeconds : -1;
    }

    /**
     * Returns the time since the last access.
     *
     * @return seconds, or -1 if the line has none
     */
    public long lastAccessSeconds() {
        return has('l') ? lastAccessSeconds : -1;
    }

    /**
     * Whether the item was hit before.
     *
     * @return true if the line says {@code h1}
     */
    public boolean isHitBefore() {
        return has('h') && hitBefore;
    }

    /**
     * Returns the size of the item's value as the flag {@code s} says it.
     *
     * @return bytes, or -1 if the line has none
     */
    public long sizeBytes() {
        return has('s') ? sizeBytes : -1;
    }

    /**
     * Whether this client won the right to recache.
     *
     * @return true if the line has the flag {@code W}
     */
    public boolean isWon() {
        return has('W');
    }

    /**
     * Whether the item is stale.
     *
     * @return true if the line has the flag {@code X}
     */
    public boolean isStale() {
        return has('X');
    }

    /**
     * Whether another client won the right to recache.
     *
     * @return true if the line has the flag {@code Z}
     */
    public boolean isAlreadyWon() {
        return has('Z');
    }

    /**
     * Compares the echoed key. A server echoes it in the form in which the item was stored, so that it may come as base64
     * although the request had it raw, and the other way round (tried with 1.6.18 and 1.6.38).
     *
     * @param key the segment the key is in
     * @param offset where it begins
     * @param length its length in bytes
     * @param binary whether the request had it as base64
     * @return true if the line has a key and it is the same
     */
    public boolean keyEquals(MemorySegment key, long offset, int length, boolean binary) {
        if (binary == isKeyBase64() || keyLength < 0) {
            return length == keyLength && Ascii.equal(segment, keyOffset, key, offset, length);
        }
        return keyMatchesDecoded(key, offset, length);
    }

    private boolean keyMatchesDecoded(MemorySegment key, long offset, int length) {
        byte[] echoed = segment.asSlice(keyOffset, keyLength).toArray(JAVA_BYTE);
        byte[] asked = key.asSlice(offset, length).toArray(JAVA_BYTE);
        try {
            return isKeyBase64()
                    ? Arrays.equals(Base64.getDecoder().decode(echoed), asked)
                    : Arrays.equals(echoed, Base64.getDecoder().decode(asked));
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /**
     * Returns what follows the first word and its colon, if any: the text of an error, the version. Allocates.
     *
     * @return the text, possibly empty
     */
    public String text() {
        long at = start;
        while (at < end && byteAt(at) != ' ' && byteAt(at) != ':') {
            at++;
        }
        while (at < end && (byteAt(at) == ' ' || byteAt(at) == ':')) {
            at++;
        }
        byte[] bytes = segment.asSlice(at, end - at).toArray(JAVA_BYTE);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /**
     * Returns the whole line. Allocates.
     *
     * @return the line without CRLF
     */
    public String whole() {
        return new String(segment.asSlice(start, end - start).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
    }

    /**
     * Returns the name of a kind for messages.
     *
     * @param kind one of the constants of this class
     * @return its name
     */
    public static String nameOf(int kind) {
        return NAMES[kind];
    }

    private boolean has(char flag) {
        return (present & bit(flag)) != 0;
    }

    /** Returns the bit of {@link #present} for a flag; no two letters share one. */
    static long bit(int flag) {
        return 1L << (flag & 63);
    }

    private byte byteAt(long at) {
        return segment.get(JAVA_BYTE, at);
    }
}
