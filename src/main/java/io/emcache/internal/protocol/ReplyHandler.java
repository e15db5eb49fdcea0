package io.emcache.internal.protocol;

import java.lang.foreign.MemorySegment;

/**
 * Takes the replies a {@link ReplyParser} finds, in order, on the thread that parses.
 *
 * <p>Everything passed in is borrowed: a line and its segment are valid until the callback returns. An exception thrown
 * by a callback comes out of {@link ReplyParser#parse} as it is; the parser is then good for {@link ReplyParser#reset}
 * only, since the reply it was thrown for is half consumed.
 */
public interface ReplyHandler {
    /**
     * A reply that is one line.
     *
     * @param line the line, any kind but {@link ReplyLine#VA} and {@link ReplyLine#VALUE}
     */
    void onLine(ReplyLine line);

    /**
     * A reply with a value begins; {@link #onValueBytes} follows zero or more times, then {@link #onValueEnd}.
     *
     * @param header the line before the value, {@link ReplyLine#VA} or {@link ReplyLine#VALUE}
     */
    void onValue(ReplyLine header);

    /**
     * The next bytes of the value, as many as have arrived. A value that has arrived whole is passed in one piece.
     *
     * @param in the segment the bytes are in
     * @param offset the offset of the first byte
     * @param length how many bytes, at least 1
     */
    void onValueBytes(MemorySegment in, long offset, int length);

    /** All bytes of the value were passed on and the CRLF after them was seen; called for an empty value too. */
    void onValueEnd();
}
