package io.emcache.internal.client;

import io.emcache.AsyncMemcachedClient;
import io.emcache.DirectClient;
import io.emcache.Key;
import io.emcache.MemcachedClient;
import io.emcache.MultiResult;
import io.emcache.StoreResult;
import io.emcache.Ttl;
import io.emcache.internal.transport.Lane;
import io.emcache.internal.transport.Outcome;
import io.emcache.internal.transport.Slot;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The face whose calls wait. Safe for all threads. */
final class SyncClient implements MemcachedClient {
    private final Engine engine;
    private final AsyncClient async;
    private final DirectFace direct;

    SyncClient(Engine engine) {
        this.engine = engine;
        this.async = new AsyncClient(engine);
        this.direct = new DirectFace(engine, KeySpace.root(engine.options().hashLongKeys()), engine.timeoutNs());
    }

    @Override
    public byte @Nullable [] get(String key) {
        return call(Verbs.GET, Objects.requireNonNull(key, "key"), Terms.NONE, null);
    }

    @Override
    public byte @Nullable [] get(Key key) {
        return call(Verbs.GET, Objects.requireNonNull(key, "key"), Terms.NONE, null);
    }

    @Override
    public StoreResult set(String key, byte[] value) {
        return setOne(Objects.requireNonNull(key, "key"), value, Ttl.NONE);
    }

    @Override
    public StoreResult set(Key key, byte[] value) {
        return setOne(Objects.requireNonNull(key, "key"), value, Ttl.NONE);
    }

    @Override
    public StoreResult set(String key, byte[] value, Ttl ttl) {
        return setOne(Objects.requireNonNull(key, "key"), value, ttl);
    }

    @Override
    public StoreResult set(Key key, byte[] value, Ttl ttl) {
        return setOne(Objects.requireNonNull(key, "key"), value, ttl);
    }

    @Override
    public boolean delete(String key) {
        return call(Verbs.DELETE, Objects.requireNonNull(key, "key"), Terms.NONE, null);
    }

    @Override
    public boolean delete(Key key) {
        return call(Verbs.DELETE, Objects.requireNonNull(key, "key"), Terms.NONE, null);
    }

    private StoreResult setOne(Object key, byte[] value, Ttl ttl) {
        int exptime = WireTtl.encode(ttl, engine.options().wallClock());
        engine.checkValue(value);
        return call(Verbs.SET, key, Terms.exptime(exptime), value);
    }

    private <T extends @Nullable Object> T call(Verb<T> verb, Object key, Terms terms, byte @Nullable [] value) {
        engine.checkBlockingCall();
        long startNs = engine.nowNs();
        long deadlineNs = startNs + engine.timeoutNs();
        for (int attempts = 1; ; attempts++) {
            Slot slot = engine.submit(verb.op(), key, terms, value, deadlineNs, null);
            int outcome = slot.lane().await(slot);
            if (Outcome.isAnswer(outcome)) {
                T result = verb.answer().read(slot);
                slot.lane().release(slot);
                return result;
            }
            retryOrThrow(verb.op(), slot, outcome, value == null ? 0 : value.length, attempts, startNs, deadlineNs);
        }
    }

    /** Gives the slot back if it still is this thread's. */
    private void retryOrThrow(
            int op, Slot slot, int outcome, int valueBytes, int attempts, long startNs, long deadlineNs) {
        Lane lane = slot.lane();
        boolean abandoned = Outcome.isAbandoned(outcome);
        String text = abandoned ? null : slot.text();
        Throwable cause = abandoned ? null : slot.cause();
        if (!abandoned) {
            lane.release(slot);
        }
        if (!engine.mayRetry(op, outcome, attempts, deadlineNs)) {
            throw Failures.of(op, outcome, lane, engine.nowNs() - startNs, valueBytes, text, cause);
        }
    }

    @Override
    public MultiResult<String, byte[]> getAll(Collection<String> keys) {
        return new SyncGetAll<>(engine, keys).run();
    }

    @Override
    public MultiResult<Key, byte[]> getAllByKey(Collection<Key> keys) {
        return new SyncGetAll<>(engine, keys).run();
    }

    @Override
    public AsyncMemcachedClient async() {
        return async;
    }

    @Override
    public DirectClient direct() {
        return direct;
    }

    @Override
    public void awaitReady(Duration timeout) {
        engine.awaitReady(timeout);
    }

    @Override
    public int poll() {
        return engine.poll();
    }

    @Override
    public void close() {
        close(Duration.ZERO);
    }

    @Override
    public void close(Duration drainTimeout) {
        engine.close(drainTimeout);
    }

    @Override
    public boolean isClosed() {
        return engine.isClosed();
    }

    @Override
    public String toString() {
        return "MemcachedClient" + engine.cluster().nodes();
    }
}
