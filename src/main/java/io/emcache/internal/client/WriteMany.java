package io.emcache.internal.client;

import io.emcache.MemcachedException;
import io.emcache.StoreResult;
import io.emcache.internal.cluster.Node;
import io.emcache.internal.memory.KeyScratch;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.transport.Completion;
import io.emcache.internal.transport.Outcome;
import io.emcache.internal.transport.Slot;
import io.emcache.spi.EncodedValue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A write of many keys: a command with a reply for each, since an error in a group of quiet ones could not be told to be
 * that of one key. Immutable, but for the values, which are the caller's.
 *
 * @param op the command for one key
 * @param values the values by key, or the keys alone
 * @param terms what the command for a key asks
 * @param answer what an outcome means for its key; null is a miss
 * @param <K> the type of the keys
 * @param <V> what is known of a key in the end
 */
record WriteMany<K, V>(
        int op, Map<K, byte @Nullable []> values, Function<K, Terms> terms, IntFunction<@Nullable V> answer)
        implements ManyCommand<K, V> {
    private static final int WINDOW = 128;
    private static final int BURST = 16;

    static <K> WriteMany<K, StoreResult> set(Map<K, byte[]> values, Terms terms) {
        Map<K, byte @Nullable []> copy = new LinkedHashMap<>(Objects.requireNonNull(values, "values"));
        return new WriteMany<>(OpCode.SET, copy, _ -> terms, Answers::stored);
    }

    /** Stores values with flags of their own; the map is not copied. */
    static <K> WriteMany<K, StoreResult> setEncoded(Map<K, EncodedValue> values, Terms terms) {
        Map<K, byte @Nullable []> bytes = new LinkedHashMap<>();
        values.forEach((key, value) -> bytes.put(key, value.bytes()));
        return new WriteMany<>(
                OpCode.SET,
                bytes,
                key -> terms.withItemFlags(
                        Objects.requireNonNull(values.get(key)).flags()),
                Answers::stored);
    }

    static <K> WriteMany<K, Boolean> delete(Collection<K> keys) {
        Map<K, byte @Nullable []> copy = new LinkedHashMap<>();
        for (K key : Objects.requireNonNull(keys, "keys")) {
            copy.put(key, null);
        }
        return new WriteMany<>(
                OpCode.DELETE, copy, _ -> Terms.NONE, outcome -> Outcome.code(outcome) == Outcome.DONE ? true : null);
    }

    @Override
    public Set<K> keys() {
        return values.keySet();
    }

    @Override
    public List<Part<K, V>> parts(Scope scope) {
        List<Part<K, V>> parts = new ArrayList<>(values.size());
        KeyScratch scratch = scope.engine().scratch();
        try {
            for (Map.Entry<K, byte @Nullable []> entry : values.entrySet()) {
                Node node = scope.route(entry.getKey(), scratch);
                scope.encode(entry.getKey(), scratch);
                if (OpCode.carriesData(op)) {
                    scope.engine().checkValue(entry.getValue());
                }
                parts.add(new Write<>(this, node, entry.getKey(), entry.getValue()));
            }
        } finally {
            scratch.release();
        }
        return parts;
    }

    /** The command for one key. */
    private static final class Write<K, V> extends Part<K, V> {
        private final WriteMany<K, V> command;
        private final K key;
        private byte @Nullable [] value;

        Write(WriteMany<K, V> command, Node node, K key, byte @Nullable [] value) {
            super(command.op, node);
            this.command = command;
            this.key = key;
            this.value = value;
        }

        @Override
        int window() {
            return WINDOW;
        }

        @Override
        int burst() {
            return BURST;
        }

        @Override
        int valueBytes() {
            return value == null ? 0 : value.length;
        }

        @Override
        @Nullable
        Slot submit(Scope scope, long deadlineNs, @Nullable Completion completion) {
            return scope.submitTo(node, op, key, command.terms.apply(key), value, deadlineNs, completion);
        }

        @Override
        void detach() {
            value = value == null ? null : value.clone();
        }

        @Override
        void answered(int outcome, Results<K, V> results) {
            V result = command.answer.apply(outcome);
            if (result != null) {
                results.hit(key, result);
            }
        }

        @Override
        void failed(MemcachedException failure, Results<K, V> results) {
            results.failed(key, failure);
        }
    }
}
