package io.emcache.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A command line: words, and options of the form {@code --name value}; of an option given twice the later counts.
 * Immutable.
 */
final class Arguments {
    private final List<String> words = new ArrayList<>();
    private final Map<String, String> options = new HashMap<>();

    /** What is wrong with a command line. */
    static final class UsageException extends Exception {
        private static final long serialVersionUID = 1L;

        UsageException(String message) {
            super(message);
        }
    }

    Arguments(String[] line, int wordCount, Set<String> known) throws UsageException {
        for (int i = 0; i < line.length; i++) {
            if (!line[i].startsWith("--")) {
                words.add(line[i]);
            } else if (!known.contains(line[i])) {
                throw new UsageException("unknown option " + line[i]);
            } else if (i + 1 == line.length) {
                throw new UsageException(line[i] + " needs a value");
            } else {
                options.put(line[i], line[++i]);
            }
        }
        if (words.size() != wordCount) {
            throw new UsageException(wordCount + " arguments are needed beside the options, not " + words.size());
        }
    }

    String word(int index) {
        return words.get(index);
    }

    @Nullable
    String text(String option) {
        return options.get(option);
    }

    int integer(String option, int otherwise, int min) throws UsageException {
        return (int) number(option, otherwise, min, true);
    }

    double number(String option, double otherwise, double min) throws UsageException {
        return number(option, otherwise, min, false);
    }

    private double number(String option, double otherwise, double min, boolean whole) throws UsageException {
        String text = options.get(option);
        if (text == null) {
            return otherwise;
        }
        double value;
        try {
            value = whole ? Integer.parseInt(text) : Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new UsageException(option + " needs a number, not " + text);
        }
        if (!(value >= min)) {
            throw new UsageException(option + " must be at least " + (whole ? Integer.toString((int) min) : min));
        }
        return value;
    }
}
