package io.emcache.bench;

import io.emcache.MemcachedClient;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The keys {@code key:0}, {@code key:1}, ... that the yardstick fills, drawn at random as it does. Made once, so that a
 * benchmark allocates nothing for them. For one thread.
 */
final class Keys {
    static final int COUNT = 65536;

    /** The size of the values that the yardstick fills them with. */
    static final int VALUE_BYTES = 100;

    /** Fewer than fill the 16 KB that memcached reads at a time: of more, over TLS, it may leave some until others follow. */
    private static final int SET_BYTES_IN_FLIGHT = 10 << 10;

    /** Of one set beside its value, at most. */
    private static final int COMMAND_BYTES = 60;

    private static final long SEED = 88172645463325252L;
    private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    private long state;

    private final String[] keys;

    Keys() {
        this(COUNT);
    }

    Keys(int count) {
        this(new String[count], SEED);
        for (int i = 0; i < count; i++) {
            keys[i] = "key:" + i;
        }
    }

    private Keys(String[] keys, long state) {
        this.keys = keys;
        this.state = state;
    }

    /** The same keys in an order of their own, for another thread. */
    Keys forCaller(int index) {
        return new Keys(keys, SEED ^ (index * GOLDEN_RATIO));
    }

    /** Stores them all, as the yardstick does. */
    void storeAll(MemcachedClient client) {
        storeAll(client, new byte[VALUE_BYTES]);
    }

    /** Stores them all with this value. */
    void storeAll(MemcachedClient client, byte[] value) {
        int window = Math.max(1, SET_BYTES_IN_FLIGHT / (COMMAND_BYTES + value.length));
        ArrayDeque<CompletableFuture<?>> inFlight = new ArrayDeque<>();
        for (String key : keys) {
            if (inFlight.size() == window) {
                inFlight.remove().join();
            }
            inFlight.add(client.async().set(key, value));
        }
        inFlight.forEach(CompletableFuture::join);
    }

    int count() {
        return keys.length;
    }

    String at(int index) {
        return keys[index];
    }

    /** So many of them, from {@code key:0} on. */
    List<String> first(int count) {
        return Arrays.asList(keys).subList(0, count);
    }

    String next() {
        return keys[nextIndex()];
    }

    /** Which key is next, for who has another form of them. */
    int nextIndex() {
        long s = state;
        s ^= s << 13;
        s ^= s >>> 7;
        s ^= s << 17;
        state = s;
        return (int) ((s >>> 16) % keys.length);
    }
}
