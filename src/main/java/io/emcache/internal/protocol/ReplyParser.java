package io.emcache.internal.protocol;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.emcache.internal.protocol.ProtocolException.Reason;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Finds replies in the bytes of a connection, in place and resumable at every byte. Not safe for threads: it belongs to
 * whoever drives the lane. It copies nothing, allocates nothing, and believes no length that the server claims before
 * it is checked; a value need not fit into the receive buffer, since its bytes are handed on as they arrive.
 *
 * <p>Lines end by CRLF, and lengths alone say where a value ends. Whatever is not a reply is a
 * {@link ProtocolException}, the same one for every way to cut the stream into pieces.
 */
public final class ReplyParser {
    private final int longestLineBytes;
    private int remainingBytes;
    private boolean insideValue;
    private long searchedBytes;
    private final ReplyLine line = new ReplyLine();
    private final LineDecoder decoder;

    /**
     * Makes a parser that is between replies.
     *
     * @param largestValueBytes the longest value to take
     * @param longestLineBytes the longest line to take, without CRLF; a receive buffer must hold it and its CRLF
     */
    public ReplyParser(int largestValueBytes, int longestLineBytes) {
        this.longestLineBytes = longestLineBytes;
        this.decoder = new LineDecoder(largestValueBytes, line);
    }

    /**
     * Parses what has arrived. Bytes from the returned offset on were not consumed: the next call must begin with them,
     * followed by newer ones. They are not searched again.
     *
     * @param in the segment the bytes are in
     * @param from where they begin
     * @param to where they end
     * @param handler what takes the replies
     * @return the offset of the first byte not consumed, at most {@code to}
     * @throws ProtocolException if the bytes are not replies; then, and when the handler throws, only {@link #reset}
     *     makes the parser usable again
     * @throws IndexOutOfBoundsException if [from, to) is not inside the segment
     */
    public long parse(MemorySegment in, long from, long to, ReplyHandler handler) {
        Objects.checkFromToIndex(from, to, in.byteSize());
        long position = insideValue ? passValue(in, from, to, handler) : from;
        while (!insideValue && position < to) {
            long lineFeed = Ascii.indexOfLineFeed(in, position + searchedBytes, to);
            if (lineFeed < 0) {
                keepIncompleteLine(to - position);
                break;
            }
            searchedBytes = 0;
            decodeLine(in, position, lineFeed, to);
            position = lineFeed + 1;
            if (line.announcesValue()) {
                remainingBytes = line.valueLength();
                insideValue = true;
                handler.onValue(line);
                position = passValue(in, position, to, handler);
            } else {
                handler.onLine(line);
            }
        }
        return position;
    }

    /** Forgets everything: the next byte begins a reply. */
    public void reset() {
        remainingBytes = 0;
        insideValue = false;
        searchedBytes = 0;
    }

    /**
     * Whether the bytes seen so far end inside a line or a value, so that an end of the stream here cuts off a reply.
     *
     * @return true between the first and the last byte of a line, and from there to the CRLF after its value
     */
    public boolean insideReply() {
        return insideValue || searchedBytes > 0;
    }

    private void decodeLine(MemorySegment in, long start, long lineFeed, long to) {
        long end = lineFeed - 1;
        if (end - start > longestLineBytes) {
            throw lineTooLong();
        }
        if (end < start || in.get(JAVA_BYTE, end) != '\r') {
            throw new ProtocolException(Reason.BAD_LINE_END, "a reply line ends without CR");
        }
        decoder.decode(in, start, end, to);
    }

    private void keepIncompleteLine(long arrivedBytes) {
        if (arrivedBytes > longestLineBytes + 1L) {
            throw lineTooLong();
        }
        searchedBytes = arrivedBytes;
    }

    private ProtocolException lineTooLong() {
        return new ProtocolException(
                Reason.LINE_TOO_LONG, "a reply line is longer than " + longestLineBytes + " bytes");
    }

    private long passValue(MemorySegment in, long from, long to, ReplyHandler handler) {
        long position = from;
        int length = (int) Math.min(remainingBytes, to - position);
        if (length > 0) {
            remainingBytes -= length;
            handler.onValueBytes(in, position, length);
            position += length;
        }
        return remainingBytes == 0 ? passTrailer(in, position, to, handler) : position;
    }

    private long passTrailer(MemorySegment in, long position, long to, ReplyHandler handler) {
        if (to - position < 2) {
            checkHalfTrailer(in, position, to);
            return position;
        }
        if (in.get(Ascii.SHORT, position) != Ascii.CRLF) {
            throw badTrailer();
        }
        insideValue = false;
        handler.onValueEnd();
        return position + 2;
    }

    private static void checkHalfTrailer(MemorySegment in, long position, long to) {
        if (position < to && in.get(JAVA_BYTE, position) != '\r') {
            throw badTrailer();
        }
    }

    private static ProtocolException badTrailer() {
        return new ProtocolException(Reason.BAD_TRAILER, "a value is not followed by CRLF");
    }
}
