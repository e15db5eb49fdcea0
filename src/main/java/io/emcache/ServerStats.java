package io.emcache;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Statistics of one server: texts by name, as it sent them, and numbers on request. Immutable and safe for all threads.
 */
public final class ServerStats {
    private final Map<String, String> texts;

    /**
     * Makes statistics. The library uses it, and so can tests.
     *
     * @param texts the texts by name; copied, the order is kept
     */
    public ServerStats(Map<String, String> texts) {
        this.texts = Collections.unmodifiableMap(new LinkedHashMap<>(texts));
    }

    /**
     * Returns all statistics.
     *
     * @return the texts by name, in the order of the server; unmodifiable
     */
    public Map<String, String> asMap() {
        return texts;
    }

    /**
     * Returns one statistic.
     *
     * @param name its name, such as {@code curr_items} or {@code items:1:number}
     * @return its text, or null if there is none of that name
     */
    public @Nullable String text(String name) {
        return texts.get(name);
    }

    /**
     * Returns a whole number.
     *
     * @param name its name
     * @return the number; from 2<sup>63</sup> up to 2<sup>64</sup>-1 it is negative, see
     *     {@link Long#toUnsignedString(long)}. Empty if there is none of that name, or it is not a whole number
     */
    public OptionalLong longValue(String name) {
        String text = texts.get(name);
        if (text == null) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(text.startsWith("-") ? Long.parseLong(text) : Long.parseUnsignedLong(text));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /**
     * Returns a number with a fraction, such as {@code rusage_user}, which is in seconds.
     *
     * @param name its name
     * @return the number; empty if there is none of that name, or it is not a number
     */
    public OptionalDouble doubleValue(String name) {
        String text = texts.get(name);
        if (text == null) {
            return OptionalDouble.empty();
        }
        try {
            return OptionalDouble.of(Double.parseDouble(text));
        } catch (NumberFormatException e) {
            return OptionalDouble.empty();
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ServerStats stats && stats.texts.equals(texts);
    }

    @Override
    public int hashCode() {
        return texts.hashCode();
    }

    @Override
    public String toString() {
        return "ServerStats" + texts;
    }
}
