package io.emcache.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Future;
import net.spy.memcached.CachedData;
import net.spy.memcached.ConnectionFactory;
import net.spy.memcached.MemcachedClient;
import net.spy.memcached.transcoders.Transcoder;
import org.jspecify.annotations.Nullable;

/** spymemcached. Thread-safe. */
final class SpymemcachedContender implements AsyncContender {
    private static final Bytes BYTES = new Bytes();

    private final MemcachedClient client;

    /** Its own transcoder would read the yardstick's values as texts, and compress large ones. */
    private static final class Bytes implements Transcoder<byte[]> {
        @Override
        public boolean asyncDecode(CachedData data) {
            return false;
        }

        @Override
        public CachedData encode(byte[] value) {
            return new CachedData(0, value, CachedData.MAX_SIZE);
        }

        @Override
        public byte[] decode(CachedData data) {
            return data.getData();
        }

        @Override
        public int getMaxSize() {
            return CachedData.MAX_SIZE;
        }
    }

    SpymemcachedContender(ConnectionFactory factory, List<InetSocketAddress> addresses) throws IOException {
        client = new MemcachedClient(factory, addresses);
    }

    @Override
    public byte @Nullable [] get(String key) {
        return client.get(key, BYTES);
    }

    @Override
    public boolean set(String key, byte[] value) throws Exception {
        return client.set(key, 0, value, BYTES).get();
    }

    @Override
    public Future<byte @Nullable []> startGet(String key) {
        return client.asyncGet(key, BYTES);
    }

    @Override
    public Future<?> startSet(String key, byte[] value) {
        return client.set(key, 0, value, BYTES);
    }

    @Override
    public boolean isStored(@Nullable Object result) {
        return Boolean.TRUE.equals(result);
    }
}
