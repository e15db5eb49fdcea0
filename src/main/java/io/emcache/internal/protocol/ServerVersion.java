package io.emcache.internal.protocol;

/**
 * The version a server says it has. Immutable; safe for all threads.
 *
 * @param major the first number, 0 if the text could not be understood
 * @param minor the second number
 * @param patch the third number
 * @param text what the server said
 */
public record ServerVersion(int major, int minor, int patch, String text) {
    private static final int LONGEST_NUMBER = 9;

    /**
     * Understands the text of a {@code VERSION} reply: three numbers with dots between them at its beginning, anything
     * after them, such as {@code 1.6.18_3} or {@code 1.4.0-rc}. Any other text is version 0.0.0.
     *
     * @param text the text after {@code VERSION}
     * @return the version, never null
     */
    public static ServerVersion parse(String text) {
        int[] numbers = new int[3];
        int at = 0;
        for (int i = 0; i < numbers.length; i++) {
            int from = at;
            while (at < text.length() && isDigit(text.charAt(at))) {
                at++;
            }
            boolean dotted = i == numbers.length - 1 || (at < text.length() && text.charAt(at) == '.');
            if (at == from || at - from > LONGEST_NUMBER || !dotted) {
                return new ServerVersion(0, 0, 0, text);
            }
            numbers[i] = Integer.parseInt(text, from, at, 10);
            at++;
        }
        return new ServerVersion(numbers[0], numbers[1], numbers[2], text);
    }

    /**
     * Whether this version is the given one or a later one.
     *
     * @param major first number
     * @param minor second number
     * @param patch third number
     * @return true if it is not older
     */
    public boolean isAtLeast(int major, int minor, int patch) {
        if (this.major != major) {
            return this.major > major;
        }
        return this.minor != minor ? this.minor > minor : this.patch >= patch;
    }

    /**
     * Returns the dialect to speak with such a server.
     *
     * @return the dialect, never null
     */
    public Dialect dialect() {
        return Dialect.of(this);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
