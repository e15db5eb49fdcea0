package io.emcache.internal.protocol;

import io.emcache.ItemDebug;
import io.emcache.Key;
import io.emcache.internal.protocol.ProtocolException.Reason;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gives meaning to the replies of an administrator's commands. Stateless; safe for all threads. */
public final class AdminReplies {
    private static final int META_WORD_LENGTH = 3;

    private AdminReplies() {}

    /**
     * Reads statistics.
     *
     * @param lines lines of the form {@code STAT name text} or {@code PREFIX name text}, separated by LF; a closing
     *     {@code END}, {@code RESET} or {@code OK} may follow
     * @return the texts by name, in the order of the lines; of equal names the last
     * @throws ProtocolException if a line is something else
     */
    public static Map<String, String> stats(String lines) {
        Map<String, String> stats = new LinkedHashMap<>();
        lines.lines().forEach(line -> addStat(line, stats));
        return stats;
    }

    private static void addStat(String line, Map<String, String> stats) {
        int name = line.startsWith("STAT ") ? 5 : line.startsWith("PREFIX ") ? 7 : -1;
        if (name < 0) {
            if (line.isEmpty() || line.equals("END") || line.equals("RESET") || line.equals("OK")) {
                return;
            }
            throw badStat();
        }
        int space = line.indexOf(' ', name);
        int nameEnd = space < 0 ? line.length() : space;
        if (nameEnd == name) {
            throw badStat();
        }
        stats.put(line.substring(name, nameEnd), line.substring(Math.min(nameEnd + 1, line.length())));
    }

    private static ProtocolException badStat() {
        return new ProtocolException(Reason.BAD_LINE, "a line is no statistic");
    }

    /**
     * Reads the answer to {@code me}. Some servers, 1.6.18 among them, give the remaining time as a negative number,
     * later ones as a positive one; all say -1 where there is none.
     *
     * @param key the key that was asked for
     * @param line {@code ME key name=value ...} or {@code EN}; what follows its first line feed is not looked at
     * @return what the server knows of the item, or null if there is none
     * @throws ProtocolException if the line is something else
     */
    public static @Nullable ItemDebug itemDebug(Key key, String line) {
        String first = line.lines().findFirst().orElse("");
        if (first.equals("EN")) {
            return null;
        }
        int keyEnd = first.indexOf(' ', META_WORD_LENGTH);
        if (!first.startsWith("ME ") || keyEnd <= META_WORD_LENGTH) {
            throw ItemLine.badLine();
        }
        byte[] fields = first.substring(keyEnd).getBytes(StandardCharsets.UTF_8);
        ItemLine item = new ItemLine();
        item.decode(MemorySegment.ofArray(fields), 0, fields.length);
        Duration remaining = item.exp == -1 ? null : Duration.ofSeconds(Math.abs(item.exp));
        return new ItemDebug(
                key, remaining, Duration.ofSeconds(item.la), item.cas, item.fetched, item.slabClass, item.sizeBytes);
    }
}
