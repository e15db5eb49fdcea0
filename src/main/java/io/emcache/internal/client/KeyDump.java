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

/** The items of one dump as they come. For one thread at a time, as streams use it. */
final class KeyDump extends AbstractSpliterator<DumpedKey> {
    private final DumpConnection connection;

    private KeyDump(DumpConnection connection) {
        super(Long.MAX_VALUE, Spliterator.NONNULL | Spliterator.IMMUTABLE);
        this.connection = connection;
    }

    /** Returns a lazy stream that owns the connection. */
    static Stream<DumpedKey> stream(DumpConnection connection) {
        return StreamSupport.stream(new KeyDump(connection), false).onClose(connection::close);
    }

    @Override
    public boolean tryAdvance(Consumer<? super DumpedKey> action) {
        DumpParser item = connection.next();
        if (item == null) {
            return false;
        }
        action.accept(dumped(item));
        return true;
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
