package io.emcache.internal.protocol;

import java.lang.foreign.MemorySegment;

/**
 * Turns a ring message ({@link CommandLayout}) into the bytes of a command, and knows which replies answer it.
 * Implementations are stateless, allocate nothing and are safe for all threads; the segments belong to the caller. Keys
 * are sent as they are: who wrote the message has validated them, and has asked {@link Capabilities} whether the server
 * knows the command.
 */
public interface CommandEncoder {
    /** In place of an opaque: send none. */
    int NO_OPAQUE = -1;

    /** What a get has beside its keys and the spaces before them, in bytes; a bound. */
    int GET_REST = 64;

    /**
     * Returns how much room {@link #encode} needs. It is a bound: a little more than what it writes, including an inline value.
     *
     * @param message the segment the message is in
     * @param offset where its header begins
     * @return bytes
     */
    int maxEncodedLength(MemorySegment message, long offset);

    /**
     * Writes the command. With {@link CommandLayout#EXTERNAL_VALUE} it ends with the CRLF of the command line: the
     * value and the CRLF after it are the caller's to send. Bytes after the returned length and before
     * {@link #maxEncodedLength} may be overwritten.
     *
     * @param message the segment the message is in
     * @param offset where its header begins
     * @param opaque 0 to 65535, or {@link #NO_OPAQUE}; commands and dialects that have none ignore it
     * @param out where to write; must have room for {@link #maxEncodedLength}
     * @param outOffset where to begin
     * @return bytes written
     */
    int encode(MemorySegment message, long offset, int opaque, MemorySegment out, long outOffset);

    /**
     * Writes a get of a key that is in no message: {@link OpCode#GET}, and with classic commands {@link OpCode#GET_ITEM}.
     *
     * @param op the op code
     * @param keys the segment the key is in
     * @param keyOffset where it begins
     * @param keyLength its length in bytes
     * @param opaque as {@link #encode} takes it
     * @param out where to write; must have room for {@link #GET_REST} bytes beside the key
     * @param outOffset where to begin
     * @return bytes written
     */
    int encodeGet(
            int op, MemorySegment keys, long keyOffset, int keyLength, int opaque, MemorySegment out, long outOffset);

    /**
     * Begins a classic {@code get k1 k2 …}, which every server understands. The replies to it are those of the
     * {@link ClassicEncoder}, whatever the dialect of the connection.
     *
     * @param op {@link OpCode#GET}, or {@link OpCode#GET_ITEM} for the CAS as well
     * @param out where to write; must have room for all the keys, one byte more for each, and {@link #GET_REST}
     * @param outOffset where to begin
     * @return where the first key goes
     */
    static long beginMultiKeyGet(int op, MemorySegment out, long outOffset) {
        return ClassicEncoder.putGetCommand(op, out, outOffset);
    }

    /**
     * Writes one key of a multi-key get.
     *
     * @param keys the segment the key is in
     * @param keyOffset where it begins
     * @param keyLength its length in bytes
     * @param out where to write
     * @param at what {@link #beginMultiKeyGet} or this method returned
     * @return where the next key goes
     */
    static long addKey(MemorySegment keys, long keyOffset, int keyLength, MemorySegment out, long at) {
        return ClassicEncoder.putNextKey(keys, keyOffset, keyLength, out, at);
    }

    /**
     * Ends a multi-key get.
     *
     * @param out where to write
     * @param at what {@link #addKey} returned
     * @return where the command ends
     */
    static long endMultiKeyGet(MemorySegment out, long at) {
        return Ascii.putCrlf(out, at);
    }

    /**
     * Returns the code under which the replies to a message are to be looked at. A command that nobody waits for is sent
     * so that only errors are answered, with a command behind it that is always answered: the fence. One with an
     * external value is not, since the fence would have to follow the value.
     *
     * @param message the segment the message is in
     * @param offset where its header begins
     * @return the op code, with a mark if the command is sent quietly
     */
    static int wireOp(MemorySegment message, long offset) {
        int op = CommandLayout.op(message, offset);
        int options = CommandLayout.options(message, offset);
        boolean quiet = (options & (CommandLayout.NO_REPLY | CommandLayout.EXTERNAL_VALUE)) == CommandLayout.NO_REPLY;
        return quiet ? op | OpCode.QUIET : op;
    }

    /**
     * Whether a reply may answer a command at all. If not, the connection has lost its framing.
     *
     * @param wireOp what {@link #wireOp} gave
     * @param kind one of the kinds of {@link ReplyLine}
     * @return true if the reply belongs to such a command; true for all error kinds
     */
    boolean accepts(int wireOp, int kind);

    /**
     * Whether an accepted reply is the last one of its command. A reply with a value ends after its value.
     *
     * @param wireOp what {@link #wireOp} gave
     * @param kind one of the kinds of {@link ReplyLine}
     * @return true if the next reply belongs to the next command
     */
    boolean ends(int wireOp, int kind);
}
