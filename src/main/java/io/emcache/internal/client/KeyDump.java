package io.emcache.internal.client;

import io.emcache.DumpedKey;
import io.emcache.Key;
import io.emcache.internal.protocol.DumpParser;
import io.emcache.internal.protocol.KeyCodec;
import io.emcache.internal.transport.DumpConnection;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.Spliterator;
import java.util.Spliterators.AbstractSpliterator;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** The items of one dump as they come. For one thread at a time, as streams use it. */
final class KeyDump extends AbstractSpliterator<DumpedKey> {
    private boolean begun;

    private final DumpConnection connection;
    private final Dumps dumps;

    private KeyDump(DumpConnection connection, Dumps dumps) {
        super(Long.MAX_VALUE, Spliterator.NONNULL | Spliterator.IMMUTABLE);
        this.connection = connection;
        this.dumps = dumps;
    }

    /** Returns a lazy stream that owns the connection, which is among the dumps from the first item to the end. */
    static Stream<DumpedKey> stream(DumpConnection connection, Dumps dumps) {
        KeyDump dump = new KeyDump(connection, dumps);
        return StreamSupport.stream(dump, false).onClose(dump::close);
    }

    private void close() {
        connection.close();
        dumps.ended(connection);
    }

    @Override
    public boolean tryAdvance(Consumer<? super DumpedKey> action) {
        DumpParser item = next();
        if (item == null) {
            return false;
        }
        action.accept(dumped(item));
        return true;
    }

    private @Nullable DumpParser next() {
        if (!begun) {
            begun = true;
            dumps.begun(connection);
        }
        DumpParser item = null;
        try {
            item = connection.next();
        } finally {
            if (item == null) {
                dumps.ended(connection);
            }
        }
        return item;
    }

    private static DumpedKey dumped(DumpParser item) {
        long expiry = item.expirySeconds();
        return new DumpedKey(
                keyOf(item.key()),
                expiry == -1 ? null : Instant.ofEpochSecond(expiry),
                Instant.ofEpochSecond(item.lastAccessSeconds()),
                item.cas(),
                item.isFetched(),
                item.slabClass(),
                item.sizeBytes());
    }

    /** A dump does not say which keys are binary: those are that could not have been sent otherwise. */
    private static Key keyOf(byte[] bytes) {
        boolean text = KeyCodec.validate(MemorySegment.ofArray(bytes), 0, bytes.length) > 0;
        return text ? Key.of(bytes) : Key.binary(bytes);
    }
}
