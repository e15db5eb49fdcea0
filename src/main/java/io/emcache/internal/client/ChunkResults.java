package io.emcache.internal.client;

import io.emcache.MemcachedException;
import io.emcache.MultiResult;
import io.emcache.internal.client.KeyBlocks.Chunk;
import io.emcache.internal.transport.Batch;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** What has come of the chunks of one call, put together in the order of its keys. Not safe for threads. */
final class ChunkResults<K> {
    private final Map<K, byte[]> hits = new HashMap<>();
    private final Map<K, MemcachedException> failures = new HashMap<>();

    /** The chunk was answered: what is not there is a miss. */
    void answered(Chunk<K> chunk, Batch batch) {
        collect(chunk, batch);
    }

    /** The chunk was answered in part or not at all: what is not there has failed. */
    void failed(Chunk<K> chunk, Batch batch, MemcachedException failure) {
        collect(chunk, batch);
        for (K key : chunk.keys) {
            if (!hits.containsKey(key)) {
                failures.put(key, failure);
            }
        }
    }

    private void collect(Chunk<K> chunk, Batch batch) {
        for (int i = 0; i < chunk.keys.size(); i++) {
            byte[] value = batch.value(i);
            if (value != null) {
                hits.put(chunk.keys.get(i), value);
            }
        }
    }

    MultiResult<K, byte[]> build(Set<K> keys) {
        MultiResult.Builder<K, byte[]> builder = MultiResult.builder();
        for (K key : keys) {
            byte[] value = hits.get(key);
            MemcachedException failure = failures.get(key);
            if (value != null) {
                builder.hit(key, value);
            } else if (failure != null) {
                builder.failure(key, failure);
            } else {
                builder.miss(key);
            }
        }
        return builder.build();
    }
}
