package io.emcache.bench;

import com.spotify.folsom.ConnectFuture;
import com.spotify.folsom.MemcacheClient;
import com.spotify.folsom.MemcacheStatus;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** folsom, whose sync calls are futures that are waited for. Thread-safe. */
final class FolsomContender implements AsyncContender {
    private final long timeoutMs;
    private final MemcacheClient<byte[]> client;

    FolsomContender(MemcacheClient<byte[]> client, long timeoutMs) throws Exception {
        this.client = client;
        this.timeoutMs = timeoutMs;
        ConnectFuture.fullyConnectedFuture(client).toCompletableFuture().get(timeoutMs, TimeUnit.MILLISECONDS);
    }

    @Override
    public byte @Nullable [] get(String key) throws Exception {
        return startGet(key).get(timeoutMs, TimeUnit.MILLISECONDS);
    }

    @Override
    public boolean set(String key, byte[] value) throws Exception {
        return isStored(startSet(key, value).get(timeoutMs, TimeUnit.MILLISECONDS));
    }

    @Override
    public Future<byte @Nullable []> startGet(String key) {
        return client.get(key).toCompletableFuture();
    }

    @Override
    public Future<?> startSet(String key, byte[] value) {
        return client.set(key, value, 0).toCompletableFuture();
    }

    @Override
    public boolean isStored(@Nullable Object result) {
        return result == MemcacheStatus.OK;
    }
}
