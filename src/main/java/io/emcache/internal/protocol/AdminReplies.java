package io.emcache.internal.protocol;

import io.emcache.ItemDebug;
import io.emcache.Key;
import io.emcache.internal.protocol.ProtocolException.Reason;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Gives meaning to the replies of an administrator's commands. Stateless; safe for all threads. */
public final class AdminReplies {
    private static final String META_DEBUG = "ME ";

    private AdminReplies() {}

    /**
     * Reads statistics.
     *
     * @param lines lines of the form {@code name text}, each ended by LF: what follows {@code STAT} or {@code PREFIX}
     * @return the texts by name, in the order of the lines; of equal names the last
     * @throws ProtocolException if a line has no name
     */
    public static Map<String, String> stats(String lines) {
        Map<String, String> stats = new LinkedHashMap<>();
        int from = 0;
        int end = lines.indexOf('\n');
        while (end >= 0) {
            addStat(lines.substring(from, end), stats);
            from = end + 1;
            end = lines.indexOf('\n', from);
        }
        return stats;
    }

    private static void addStat(String line, Map<String, String> stats) {
        int space = line.indexOf(' ');
        int nameEnd = space < 0 ? line.length() : space;
        if (nameEnd == 0) {
            throw badStat();
        }
        stats.put(line.substring(0, nameEnd), line.substring(Math.min(nameEnd + 1, line.length())));
    }

    private static ProtocolException badStat() {
        return new ProtocolException(Reason.BAD_LINE, "a line is no statistic");
    }

    /**
     * Reads the answer to {@code me}. Some servers, 1.6.18 among them, give the remaining time as a negative number,
     * later ones as a positive one; all say -1 where there is none.
     *
     * @param key the key that was asked for
     * @param line the whole line, {@code ME key name=value ...}
     * @return what the server knows of the item
     * @throws ProtocolException if the line is something else
     */
    public static ItemDebug itemDebug(Key key, String line) {
        int keyEnd = line.indexOf(' ', META_DEBUG.length());
        if (!line.startsWith(META_DEBUG) || keyEnd <= META_DEBUG.length()) {
            throw ItemLine.badLine();
        }
        byte[] fields = line.substring(keyEnd).getBytes(StandardCharsets.UTF_8);
        ItemLine item = new ItemLine();
        item.decode(MemorySegment.ofArray(fields), 0, fields.length);
        Duration remaining = item.exp == -1 ? null : Duration.ofSeconds(Math.abs(item.exp));
        return new ItemDebug(
                key, remaining, Duration.ofSeconds(item.la), item.cas, item.fetched, item.slabClass, item.sizeBytes);
    }
}
