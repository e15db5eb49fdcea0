package io.emcache.testkit;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * How {@link FakeMemcached} brings one reply to the client: correctly, or as a broken server would. The ones made here are
 * safe for all threads.
 */
@FunctionalInterface
public interface Answer {
    /**
     * Sends the reply, or something else, or nothing.
     *
     * @param request the command
     * @param reply what a correct server sends; empty if it sends nothing
     * @param session the connection; the next command is read when this returns
     * @throws Exception as for a script
     */
    void send(Request request, byte[] reply, Session session) throws Exception;

    /**
     * Sends the reply as it is.
     *
     * @return the correct answer
     */
    static Answer correct() {
        return (request, reply, session) -> session.send(reply);
    }

    /**
     * Sends the reply when the test opens the gate; later commands of the connection wait behind it.
     *
     * @param gate holds the reply back
     * @return a late answer
     */
    static Answer late(Gate gate) {
        return (request, reply, session) -> {
            gate.pass();
            session.send(reply);
        };
    }

    /**
     * Sends the reply two times.
     *
     * @return a doubled answer
     */
    static Answer twice() {
        return (request, reply, session) -> {
            session.send(reply);
            session.send(reply);
        };
    }

    /**
     * Sends the reply under another key of the same length. Fails the script if the reply names no key.
     *
     * @return an answer for somebody else
     */
    static Answer wrongKey() {
        return (request, reply, session) -> {
            boolean meta = request.verb().startsWith("m");
            session.send(falsified(request, reply, meta ? "k" + request.key() : request.key()));
        };
    }

    /**
     * Sends the reply with another opaque of the same length. Fails the script if the command has none.
     *
     * @return an answer to another command
     */
    static Answer wrongOpaque() {
        return (request, reply, session) -> {
            String opaque = request.words().stream()
                    .filter(word -> word.startsWith("O"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no opaque in '" + request + "'"));
            session.send(falsified(request, reply, opaque));
        };
    }

    /**
     * Sends a line that no memcached sends, in place of the reply.
     *
     * @return garbage
     */
    static Answer garbage() {
        return text("\u0000\u00ff\u0080 %n -1 garbage\r\n");
    }

    /**
     * Sends a text of the test's choice in place of the reply.
     *
     * @param text what to send, line ends included
     * @return the text
     */
    static Answer text(String text) {
        return (request, reply, session) -> session.send(text);
    }

    /**
     * Sends the first half and closes the connection. If the reply holds a value, its first line is whole and the value
     * is cut in the middle.
     *
     * @return half an answer
     */
    static Answer halfThenEof() {
        return (request, reply, session) -> {
            int head = firstLineBytes(reply);
            int cut = head < reply.length ? head + (reply.length - head) / 2 : head / 2;
            session.send(Arrays.copyOf(reply, cut));
            session.close();
        };
    }

    /**
     * Sends the first bytes and closes the connection.
     *
     * @param count how many bytes, at most the whole reply
     * @return a cut answer
     */
    static Answer firstBytesThenEof(int count) {
        return (request, reply, session) -> {
            session.send(Arrays.copyOf(reply, Math.min(count, reply.length)));
            session.close();
        };
    }

    /**
     * Resets the connection.
     *
     * @return no answer but an RST
     */
    static Answer reset() {
        return (request, reply, session) -> session.reset();
    }

    /**
     * Leaves this reply out and goes on: the next reply on the wire belongs to the next command.
     *
     * @return no answer to this command
     */
    static Answer skipped() {
        return (request, reply, session) -> {};
    }

    /**
     * Answers neither this nor any later command of the connection, and keeps it open.
     *
     * @return no answer any more
     */
    static Answer never() {
        return (request, reply, session) -> session.pause();
    }

    /** Changes the last byte of the first word behind the status that equals the given one. */
    private static byte[] falsified(Request request, byte[] reply, String word) {
        String head = new String(reply, 0, firstLineBytes(reply), StandardCharsets.ISO_8859_1);
        int at = head.replace("\r\n", " ").indexOf(" " + word + " ");
        if (at < 0) {
            throw new AssertionError("the reply to '" + request + "' does not name '" + word + "': " + head.strip());
        }
        byte[] falsified = reply.clone();
        int last = at + word.length();
        falsified[last] = (byte) (falsified[last] == 'x' ? 'y' : 'x');
        return falsified;
    }

    private static int firstLineBytes(byte[] reply) {
        for (int i = 1; i < reply.length; i++) {
            if (reply[i - 1] == '\r' && reply[i] == '\n') {
                return i + 1;
            }
        }
        return reply.length;
    }
}
