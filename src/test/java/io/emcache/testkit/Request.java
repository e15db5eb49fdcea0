package io.emcache.testkit;

import java.util.List;

/** A command that reached {@link FakeMemcached}. Immutable but for the array of its data. */
public final class Request {
    private final int connection;
    private final String line;
    private final List<String> words;
    private final byte[] data;

    Request(int connection, String line, byte[] data) {
        this.connection = connection;
        this.line = line;
        this.words = List.of(line.split(" +"));
        this.data = data;
    }

    /**
     * Returns on which connection it came.
     *
     * @return 1 for the first connection of the server
     */
    public int connection() {
        return connection;
    }

    /**
     * Returns the command line.
     *
     * @return the line without its CRLF
     */
    public String line() {
        return line;
    }

    /**
     * Returns the words of the command line.
     *
     * @return at least one
     */
    public List<String> words() {
        return words;
    }

    /**
     * Returns the first word, such as {@code mg}.
     *
     * @return the verb
     */
    public String verb() {
        return words.getFirst();
    }

    /**
     * Returns the second word, the first key of a multi-key get.
     *
     * @return the key, empty if the command has none
     */
    public String key() {
        return words.size() > 1 ? words.get(1) : "";
    }

    /**
     * Returns the data block.
     *
     * @return its bytes without CRLF, not copied; empty if the command has none
     */
    public byte[] data() {
        return data;
    }

    @Override
    public String toString() {
        return line;
    }
}
