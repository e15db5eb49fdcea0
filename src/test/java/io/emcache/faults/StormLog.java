package io.emcache.faults;

import io.emcache.MemcachedException;
import io.emcache.testkit.KeyTaggedValues;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What came of the calls of a storm. Safe for all threads. */
final class StormLog {
    private final LongAdder begun = new LongAdder();
    private final LongAdder ended = new LongAdder();
    private final LongAdder hits = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final List<Throwable> wrong = new CopyOnWriteArrayList<>();

    void begin() {
        begun.increment();
    }

    void end(@Nullable Throwable failure) {
        ended.increment();
        if (failure instanceof MemcachedException || failure instanceof CancellationException) {
            failures.increment();
            if (failure instanceof MemcachedException.Closed || failure instanceof MemcachedException.InvalidKey) {
                wrong.add(failure);
            }
        } else if (failure != null) {
            wrong.add(failure);
        }
    }

    void value(String key, byte @Nullable [] value) {
        if (value != null) {
            hits.increment();
            try {
                KeyTaggedValues.verify(key, value);
            } catch (AssertionError e) {
                wrong.add(e);
            }
        }
    }

    long begun() {
        return begun.sum();
    }

    long ended() {
        return ended.sum();
    }

    long hits() {
        return hits.sum();
    }

    long failures() {
        return failures.sum();
    }

    List<Throwable> wrong() {
        return List.copyOf(wrong);
    }
}
