package io.emcache;

/** Makes foreign text harmless for one line of a log. Stateless. */
final class SafeText {
    private SafeText() {}

    /** False for controls, line separators, invisible format characters and lone surrogates. */
    static boolean isPrintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }

    /** Returns at most so many characters of the text, with a question mark for each unprintable one. */
    static String quotable(String text, int maxLength) {
        StringBuilder out = new StringBuilder(Math.min(text.length(), maxLength));
        text.codePoints().limit(maxLength).forEach(c -> out.appendCodePoint(isPrintable(c) ? c : '?'));
        return out.toString();
    }
}
