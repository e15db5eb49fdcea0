package io.emcache.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes results as JSON: maps, collections, strings, numbers and booleans; NaN and null become {@code null}. For one
 * thread.
 */
final class Json {
    private static final String INDENT = "  ";

    private final StringBuilder out = new StringBuilder();

    private Json() {}

    static void write(Path file, Map<String, Object> result) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        Files.writeString(file, text(result) + "\n");
    }

    static String text(@Nullable Object value) {
        Json json = new Json();
        json.append(value, "\n");
        return json.out.toString();
    }

    /** The same without a line end in it. */
    static String line(@Nullable Object value) {
        // Line ends inside texts are escaped, so those that are there are layout.
        return text(value).replaceAll("\\n *", "");
    }

    private void append(@Nullable Object value, String newLine) {
        switch (value) {
            case Map<?, ?> map -> appendMap(map, newLine);
            case Collection<?> items -> appendItems(items, newLine);
            case Double number when !Double.isFinite(number) -> out.append("null");
            case Number number -> out.append(number);
            case Boolean flag -> out.append(flag);
            case null -> out.append("null");
            default -> appendText(value.toString());
        }
    }

    private void appendMap(Map<?, ?> map, String newLine) {
        String separator = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            out.append(separator).append(newLine).append(INDENT);
            appendText(String.valueOf(entry.getKey()));
            out.append(": ");
            append(entry.getValue(), newLine + INDENT);
            separator = ",";
        }
        out.append(map.isEmpty() ? "{}" : newLine + "}");
    }

    private void appendItems(Collection<?> items, String newLine) {
        String separator = "[";
        for (Object item : items) {
            out.append(separator).append(newLine).append(INDENT);
            append(item, newLine + INDENT);
            separator = ",";
        }
        out.append(items.isEmpty() ? "[]" : newLine + "]");
    }

    private void appendText(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append("\\u00").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
