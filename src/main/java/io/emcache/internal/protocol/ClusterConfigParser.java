package io.emcache.internal.protocol;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.emcache.NodeAddress;
import io.emcache.internal.protocol.ProtocolException.Reason;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.StringTokenizer;

/**
 * Reads what a discovery endpoint answers to {@code version}, to {@code config get cluster} (AWS ElastiCache, Google
 * Memorystore) and to {@code get AmazonElastiCache:cluster} (older than 1.4.14), one answer at a time. Not safe for
 * threads.
 *
 * <p>A list of nodes comes as one block of announced length behind a line {@code CONFIG cluster 0 LENGTH} or {@code VALUE
 * AmazonElastiCache:cluster 0 LENGTH}: the version of the list, a line feed, and {@code host|ip|port} for each node with
 * spaces between. It is followed by an empty line and {@code END}. Taken are: lines that end by LF or CRLF, blank lines and
 * blanks anywhere around version and nodes, a host or an IP address left out, IPv6 with and without brackets, and further
 * fields behind the port. A node that cannot be understood makes the whole list one that cannot: half a list is none.
 */
public final class ClusterConfigParser {
    /** More bytes are needed. */
    public static final int INCOMPLETE = 0;

    /** The answer is a version. */
    public static final int VERSION = 1;

    /** The answer is a list of nodes. */
    public static final int CONFIG = 2;

    /** The answer is {@code END}: no such item. */
    public static final int NONE = 3;

    /** The answer is an error line. */
    public static final int REFUSED = 4;

    /** The largest block to take: room for some thousand nodes. */
    public static final int MAX_BLOCK_BYTES = 256 * 1024;

    /** The longest line to take outside the block. */
    public static final int LONGEST_LINE_BYTES = 2048;

    /** No answer that is taken is longer. */
    public static final int LONGEST_ANSWER_BYTES = MAX_BLOCK_BYTES + 4 * LONGEST_LINE_BYTES;

    private static final String BLANKS = " \t\r\n";
    private static final int MAX_VERSION_DIGITS = 18;
    private static final int MAX_PORT_DIGITS = 5;
    private static final int MIN_FIELDS = 3;

    private long position;
    private String text = "";
    private ClusterConfig config = new ClusterConfig(0, List.of());

    /** Makes a parser that is before the first answer. */
    public ClusterConfigParser() {}

    /**
     * Parses the next answer. If it is not complete, the same bytes have to be there again the next time, with more behind.
     *
     * @param in the segment the bytes are in
     * @param from where they begin
     * @param to where they end
     * @return one of the constants of this class
     * @throws ProtocolException if the bytes are no such answer, or one larger than the limits
     * @throws IndexOutOfBoundsException if [from, to) is not inside the segment
     */
    public int next(MemorySegment in, long from, long to) {
        Objects.checkFromToIndex(from, to, in.byteSize());
        position = from;
        long lineFeed = lineFeed(in, from, to);
        if (lineFeed < 0) {
            return INCOMPLETE;
        }
        String line = text(in, from, lineFeed).stripTrailing();
        if (line.startsWith("CONFIG ") || line.startsWith("VALUE ")) {
            return nextBlock(in, lineFeed + 1, to, blockBytes(line));
        }
        position = lineFeed + 1;
        if (line.startsWith("VERSION ")) {
            text = line.substring("VERSION ".length());
            return VERSION;
        }
        if (line.equals("END")) {
            return NONE;
        }
        if (isError(line)) {
            text = line;
            return REFUSED;
        }
        throw badLine("a line is no answer of a discovery endpoint");
    }

    private int nextBlock(MemorySegment in, long from, long to, int length) {
        if (to - from < length) {
            return INCOMPLETE;
        }
        long at = from + length;
        String line = "";
        while (line.isEmpty()) {
            long lineFeed = lineFeed(in, at, to);
            if (lineFeed < 0) {
                return INCOMPLETE;
            }
            line = text(in, at, lineFeed).strip();
            at = lineFeed + 1;
            if (at - from - length > LONGEST_LINE_BYTES) {
                throw tooLong();
            }
        }
        if (!line.equals("END")) {
            throw new ProtocolException(Reason.BAD_TRAILER, "no END behind a list of nodes");
        }
        config = parse(text(in, from, from + length));
        position = at;
        return CONFIG;
    }

    /** Returns where the line ends that begins at {@code from}, or -1 if it goes on. */
    private static long lineFeed(MemorySegment in, long from, long to) {
        long lineFeed = Ascii.indexOfLineFeed(in, from, Math.min(to, from + LONGEST_LINE_BYTES));
        if (lineFeed < 0 && to - from >= LONGEST_LINE_BYTES) {
            throw tooLong();
        }
        return lineFeed;
    }

    private static String text(MemorySegment in, long from, long to) {
        return new String(in.asSlice(from, to - from).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
    }

    /** The number behind name and flags; a CAS may follow. */
    private static int blockBytes(String line) {
        StringTokenizer words = new StringTokenizer(line, " ");
        if (words.countTokens() < 4) {
            throw badLine("the line before a list of nodes is too short");
        }
        words.nextToken();
        words.nextToken();
        words.nextToken();
        long length = number(words.nextToken(), MAX_VERSION_DIGITS);
        if (length > MAX_BLOCK_BYTES) {
            throw ProtocolException.valueTooLarge(length, MAX_BLOCK_BYTES);
        }
        return (int) length;
    }

    private static boolean isError(String line) {
        return line.startsWith("ERROR") || line.startsWith("CLIENT_ERROR") || line.startsWith("SERVER_ERROR");
    }

    private static ClusterConfig parse(String block) {
        StringTokenizer words = new StringTokenizer(block, BLANKS);
        if (!words.hasMoreTokens()) {
            throw badLine("a list of nodes has no version");
        }
        long version = number(words.nextToken(), MAX_VERSION_DIGITS);
        List<NodeAddress> nodes = new ArrayList<>();
        Set<String> identities = new HashSet<>();
        while (words.hasMoreTokens()) {
            NodeAddress node = node(words.nextToken());
            if (identities.add(node.identity())) {
                nodes.add(node);
            }
        }
        return new ClusterConfig(version, nodes);
    }

    private static NodeAddress node(String word) {
        String[] fields = word.split("\\|", -1);
        if (fields.length < MIN_FIELDS) {
            throw badLine("a node is not host|ip|port");
        }
        String host = fields[0].isEmpty() ? fields[1] : fields[0];
        String place = fields[1].isEmpty() ? host : fields[1];
        int port = (int) number(fields[2], MAX_PORT_DIGITS);
        try {
            NodeAddress named = NodeAddress.tcp(host, port);
            NodeAddress placed = NodeAddress.tcp(place, port);
            return placed.equals(named) ? named : placed.withId(named.identity());
        } catch (IllegalArgumentException e) {
            throw badLine("a node has no valid host, IP address or port");
        }
    }

    private static long number(String digits, int most) {
        if (digits.isEmpty() || digits.length() > most || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new ProtocolException(Reason.BAD_NUMBER, "a number of a list of nodes cannot be read");
        }
        return Long.parseLong(digits);
    }

    private static ProtocolException badLine(String what) {
        return new ProtocolException(Reason.BAD_LINE, what);
    }

    private static ProtocolException tooLong() {
        return new ProtocolException(
                Reason.LINE_TOO_LONG, "a line of a discovery endpoint is longer than " + LONGEST_LINE_BYTES + " bytes");
    }

    /**
     * Returns where the next call has to go on.
     *
     * @return the offset of the first byte that no answer has consumed
     */
    public long position() {
        return position;
    }

    /**
     * Returns the text of a line.
     *
     * @return the version after VERSION, the whole line after REFUSED; else of no meaning
     */
    public String text() {
        return text;
    }

    /**
     * Returns the list of nodes.
     *
     * @return the newest list, after CONFIG
     */
    public ClusterConfig config() {
        return config;
    }
}
