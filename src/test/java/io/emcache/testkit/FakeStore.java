package io.emcache.testkit;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The items of {@link FakeMemcached} and the rules for storing them, those of memcached's items.c and memcached.c
 * ({@code do_store_item}, {@code do_add_delta}). Not thread-safe. Text holds one byte a character. Time stands still
 * until it is moved.
 */
final class FakeStore {
    private static final long RELATIVE_LIMIT_SECONDS = 2_592_000;
    private static final Pattern NUMBER = Pattern.compile("\\s*\\+?([0-9]+)(\\s.*)?", Pattern.DOTALL);

    private int largestValueBytes = Integer.MAX_VALUE;
    private long nowSeconds = Instant.now().getEpochSecond();
    private long flushAtSeconds;
    private long lastCas;

    private final Map<String, Item> items = new LinkedHashMap<>();

    enum Mode {
        SET,
        ADD,
        REPLACE,
        APPEND,
        PREPEND
    }

    enum Outcome {
        STORED,
        NOT_STORED,
        EXISTS,
        NOT_FOUND
    }

    /** What is stored. The key of an encoded one came as base64. */
    static final class Item {
        private String value;
        private long flags;
        private long expiresAtSeconds;
        private long accessedAtSeconds;
        private long cas;
        private boolean encoded;
        private boolean fetched;
        private boolean stale;
        private boolean won;

        private Item(String value) {
            this.value = value;
        }

        String value() {
            return value;
        }

        long flags() {
            return flags;
        }

        /** As an unsigned number; 0 is none. */
        long cas() {
            return cas;
        }

        boolean isEncoded() {
            return encoded;
        }

        boolean isFetched() {
            return fetched;
        }

        boolean isStale() {
            return stale;
        }

        /** Whether somebody was told to make the value anew. */
        boolean isWon() {
            return won;
        }

        void win() {
            won = true;
        }
    }

    /**
     * A storage command.
     *
     * @param expiresAtSeconds see {@link #expiry}
     * @param cas what the item must have, null if it does not matter
     * @param newCas what it gets, null for the next one
     * @param staleIfOlder whether an item newer than {@code cas} is overwritten and marked stale
     * @param joinExpiresAtSeconds the expiry of an item made by a join, null if a join needs an item
     */
    record Write(
            Mode mode,
            String value,
            long flags,
            long expiresAtSeconds,
            @Nullable Long cas,
            @Nullable Long newCas,
            boolean staleIfOlder,
            @Nullable Long joinExpiresAtSeconds) {
        static Write plain(Mode mode, String value, long flags, long expiresAtSeconds, @Nullable Long cas) {
            return new Write(mode, value, flags, expiresAtSeconds, cas, null, false, null);
        }

        boolean isJoin() {
            return mode == Mode.APPEND || mode == Mode.PREPEND;
        }
    }

    void limitValues(int bytes) {
        largestValueBytes = bytes;
    }

    boolean isTooLarge(String value) {
        return value.length() > largestValueBytes;
    }

    void advance(long seconds) {
        nowSeconds += seconds;
    }

    long nowSeconds() {
        return nowSeconds;
    }

    /** The Unix time at which an item of this exptime ends, 0 for never; the server keeps 32 bits. */
    long expiry(String exptime) {
        int seconds = (int) Long.parseLong(exptime);
        if (seconds < 0) {
            return 1;
        }
        return seconds == 0 || seconds > RELATIVE_LIMIT_SECONDS ? seconds : nowSeconds + seconds;
    }

    @Nullable
    Item find(String key) {
        flushIfDue();
        Item item = items.get(key);
        if (item != null && isExpired(item)) {
            items.remove(key);
            return null;
        }
        return item;
    }

    private boolean isExpired(Item item) {
        return item.expiresAtSeconds != 0 && item.expiresAtSeconds <= nowSeconds;
    }

    /** Counts as a read by a client. */
    void fetched(Item item) {
        item.fetched = true;
        item.accessedAtSeconds = nowSeconds;
    }

    Map<String, Item> all() {
        flushIfDue();
        items.values().removeIf(this::isExpired);
        return items;
    }

    /** -1 if it does not expire. */
    long remainingSeconds(Item item) {
        return item.expiresAtSeconds == 0 ? -1 : item.expiresAtSeconds - nowSeconds;
    }

    long idleSeconds(Item item) {
        return nowSeconds - item.accessedAtSeconds;
    }

    void expireAt(Item item, long expiresAtSeconds) {
        item.expiresAtSeconds = expiresAtSeconds;
    }

    Item put(String key, String value, long flags, long expiresAtSeconds) {
        Item item = new Item(value);
        item.flags = flags;
        item.expiresAtSeconds = expiresAtSeconds;
        item.accessedAtSeconds = nowSeconds;
        item.cas = ++lastCas;
        items.put(key, item);
        return item;
    }

    void setCas(Item item, long cas) {
        item.cas = cas;
    }

    void setEncoded(Item item, boolean encoded) {
        item.encoded = encoded;
    }

    /** What became of a {@link Write}, and the item it made, null if none. */
    record Written(Outcome outcome, @Nullable Item item) {
        private static Written nothing(Outcome outcome) {
            return new Written(outcome, null);
        }
    }

    Written write(String key, Write write) {
        Item old = find(key);
        boolean compares = write.cas() != null && (write.mode() == Mode.SET || write.mode() == Mode.REPLACE);
        if (old == null) {
            return writeNew(key, write, compares);
        }
        if (write.mode() == Mode.ADD) {
            return Written.nothing(Outcome.NOT_STORED);
        }
        boolean older = false;
        if (write.cas() != null && write.cas() != old.cas && (compares || write.cas() != 0)) {
            older = compares && write.cas() != 0 && Long.compareUnsigned(write.cas(), old.cas) < 0;
            if (!older || !write.staleIfOlder()) {
                return Written.nothing(Outcome.EXISTS);
            }
        }
        if (!write.isJoin()) {
            // A value that comes too late keeps the expiry and the marks of what it replaces.
            long expiresAtSeconds = older ? old.expiresAtSeconds : write.expiresAtSeconds();
            Item item = put(key, write.value(), write.flags(), expiresAtSeconds);
            item.stale = older;
            item.won = older && old.won;
            item.cas = write.newCas() != null ? write.newCas() : item.cas;
            return new Written(Outcome.STORED, item);
        }
        String joined = write.mode() == Mode.APPEND ? old.value + write.value() : write.value() + old.value;
        if (isTooLarge(joined)) {
            return Written.nothing(Outcome.NOT_STORED);
        }
        Item item = put(key, joined, old.flags, old.expiresAtSeconds);
        item.cas = write.newCas() != null ? write.newCas() : item.cas;
        return new Written(Outcome.STORED, item);
    }

    private Written writeNew(String key, Write write, boolean compares) {
        if (compares) {
            return Written.nothing(Outcome.NOT_FOUND);
        }
        boolean needsItem = write.mode() == Mode.REPLACE || (write.isJoin() && write.joinExpiresAtSeconds() == null);
        if (needsItem) {
            return Written.nothing(Outcome.NOT_STORED);
        }
        long expiresAtSeconds = write.expiresAtSeconds();
        if (write.isJoin() && write.joinExpiresAtSeconds() != null) {
            expiresAtSeconds = write.joinExpiresAtSeconds();
        }
        Item item = put(key, write.value(), write.flags(), expiresAtSeconds);
        item.cas = write.newCas() != null ? write.newCas() : item.cas;
        return new Written(Outcome.STORED, item);
    }

    boolean remove(String key) {
        boolean present = find(key) != null;
        items.remove(key);
        return present;
    }

    /** Leaves the item readable, for one reader to win. */
    void markStale(Item item, @Nullable Long newCas) {
        item.stale = true;
        item.won = false;
        item.cas = newCas != null ? newCas : ++lastCas;
    }

    /** The number an item holds, unsigned, or null if it holds none: blanks before and anything behind a blank are fine. */
    static @Nullable Long number(Item item) {
        Matcher matcher = NUMBER.matcher(item.value);
        return matcher.matches() ? unsigned(matcher.group(1)) : null;
    }

    static @Nullable Long unsigned(String digits) {
        try {
            return digits.startsWith("-") ? null : Long.parseUnsignedLong(digits);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** Adds or subtracts as the server does: past 2^64 it starts again at 0, below 0 it stays there. */
    static long counted(long number, long delta, boolean up) {
        if (up) {
            return number + delta;
        }
        return Long.compareUnsigned(delta, number) > 0 ? 0 : number - delta;
    }

    /**
     * A shorter number is padded with blanks. A longer one needs a new item, which is not stale; the old one, then without
     * effect, is what the server goes on with.
     */
    void setNumber(String key, Item item, long number) {
        String text = Long.toUnsignedString(number);
        if (text.length() <= item.value.length()) {
            item.value = text + " ".repeat(item.value.length() - text.length());
            item.cas = ++lastCas;
        } else {
            item.cas = put(key, text, item.flags, item.expiresAtSeconds).cas;
        }
    }

    void flush(String exptime) {
        flushAtSeconds = Math.max(expiry(exptime), 1);
        flushIfDue();
    }

    private void flushIfDue() {
        if (flushAtSeconds != 0 && flushAtSeconds <= nowSeconds) {
            items.clear();
            flushAtSeconds = 0;
        }
    }
}
