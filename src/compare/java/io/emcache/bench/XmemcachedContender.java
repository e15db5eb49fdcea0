package io.emcache.bench;

import java.io.IOException;
import net.rubyeye.xmemcached.MemcachedClient;
import net.rubyeye.xmemcached.MemcachedClientBuilder;
import net.rubyeye.xmemcached.transcoders.CachedData;
import net.rubyeye.xmemcached.transcoders.CompressionMode;
import net.rubyeye.xmemcached.transcoders.Transcoder;
import org.jspecify.annotations.Nullable;

/** xmemcached, which has no futures. Thread-safe. */
final class XmemcachedContender implements Contender {
    private static final Bytes BYTES = new Bytes();

    private final MemcachedClient client;

    /** Its own transcoder would read the yardstick's values as texts, and compress large ones. */
    private static final class Bytes implements Transcoder<byte[]> {
        @Override
        public CachedData encode(byte[] value) {
            return new CachedData(0, value);
        }

        @Override
        public byte[] decode(CachedData data) {
            return data.getData();
        }

        @Override
        public void setPrimitiveAsString(boolean value) {}

        @Override
        public void setPackZeros(boolean value) {}

        @Override
        public void setCompressionThreshold(int bytes) {}

        @Override
        public boolean isPrimitiveAsString() {
            return false;
        }

        @Override
        public boolean isPackZeros() {
            return false;
        }

        @Override
        public void setCompressionMode(CompressionMode mode) {}
    }

    XmemcachedContender(MemcachedClientBuilder builder) throws IOException {
        client = builder.build();
    }

    @Override
    public byte @Nullable [] get(String key) throws Exception {
        return client.get(key, BYTES);
    }

    @Override
    public boolean set(String key, byte[] value) throws Exception {
        return client.set(key, 0, value, BYTES);
    }
}
