package io.emcache.internal.client;

import io.emcache.MemcachedException;
import io.emcache.internal.cluster.Node;
import io.emcache.internal.memory.KeyScratch;
import io.emcache.internal.memory.Slab;
import io.emcache.internal.protocol.CommandLayout;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.transport.Batch;
import io.emcache.internal.transport.Completion;
import io.emcache.internal.transport.ItemMeta;
import io.emcache.internal.transport.Slot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A read of many keys: cut into chunks, each for one node, of at most 100 keys and 8 KiB. A binary key travels alone, because
 * only an opaque tells its reply from others. Immutable.
 *
 * @param read the command and how its hits are read
 * @param keys the keys
 * @param exptime the new expiry as the wire has it, for commands that give one
 * @param <K> the type of the keys
 * @param <V> what is read of a key
 */
record ReadMany<K, V>(ManyRead<V> read, Set<K> keys, int exptime) implements ManyCommand<K, V> {
    /** A server holds about 1 KB for each key of a classic multi-key get (memcached issue 1046). */
    private static final int MAX_KEYS = 100;

    private static final int MAX_BYTES = 8 * 1024;

    /** A server takes no longer line, but for {@code get} and {@code gets} (memcached's try_read_command_ascii). */
    private static final int LONGEST_LINE = 2048;

    private static final int LONGEST_GAT = "gats -2147483648\r\n".length();

    /** For one lane; which one a chunk goes to, nobody knows before. */
    private static final int WINDOW = 16;

    static <K, V> ReadMany<K, V> of(ManyRead<V> read, Collection<K> keys, Terms terms) {
        return new ReadMany<>(read, new LinkedHashSet<>(Objects.requireNonNull(keys, "keys")), terms.exptime());
    }

    /** The order within a chunk is that of the keys. */
    @Override
    public List<Part<K, V>> parts(Scope scope) {
        Cut<K, V> cut = new Cut<>(this, scope);
        Slab slab =
                keys.size() < RouteBlock.WORTHWHILE_KEYS ? null : scope.engine().leaseRouteBlock();
        if (slab == null) {
            cutOneByOne(scope, cut);
            return cut.parts;
        }
        try {
            cutInBlocks(scope, cut, new RouteBlock(scope.keys(), slab));
            return cut.parts;
        } finally {
            slab.release();
        }
    }

    private void cutOneByOne(Scope scope, Cut<K, V> cut) {
        KeyScratch scratch = scope.engine().scratch();
        try {
            for (K key : keys) {
                Node apart = KeySpace.routesByWire(key) ? null : scope.route(key, scratch);
                int length = scope.encode(key, scratch);
                cut.add(key, length, apart == null ? scope.routeSent(scratch, length) : apart);
            }
        } finally {
            scratch.release();
        }
    }

    private void cutInBlocks(Scope scope, Cut<K, V> cut, RouteBlock block) {
        Iterator<K> next = keys.iterator();
        Iterator<K> routed = keys.iterator();
        for (int count = block.fill(next, scope.engine()); count > 0; count = block.fill(next, scope.engine())) {
            for (int i = 0; i < count; i++) {
                cut.add(routed.next(), block.length(i), block.node(i));
            }
        }
    }

    /** The parts so far. */
    private static final class Cut<K, V> {
        private final int maxBytes;
        private final ReadMany<K, V> command;
        private final List<Part<K, V>> parts = new ArrayList<>();
        private final IdentityHashMap<Node, Chunk<K, V>> open = new IdentityHashMap<>();

        Cut(ReadMany<K, V> command, Scope scope) {
            this.command = command;
            this.maxBytes = Math.min(
                    scope.engine().maxBlockBytes(),
                    OpCode.givesExptime(command.read.op()) ? LONGEST_LINE - LONGEST_GAT : MAX_BYTES);
        }

        void add(K key, int length, Node node) {
            if (KeySpace.isBinary(key)) {
                parts.add(new One<>(command, node, key));
                return;
            }
            int entry = CommandLayout.BLOCK_KEY_PREFIX_LENGTH + length;
            Chunk<K, V> chunk = open.get(node);
            if (chunk == null || chunk.keys.size() == MAX_KEYS || chunk.blockLength + entry > maxBytes) {
                chunk = new Chunk<>(command, node);
                parts.add(chunk);
                open.put(node, chunk);
            }
            chunk.add(key, entry);
        }
    }

    /** The keys of one command. */
    static final class Chunk<K, V> extends Part<K, V> {
        private int blockLength;

        private final ReadMany<K, V> command;
        private final List<K> keys = new ArrayList<>();
        private @Nullable Batch batch;
        private @Nullable Batch earlier;

        Chunk(ReadMany<K, V> command, Node node) {
            super(command.read.op(), node);
            this.command = command;
        }

        private void add(K key, int entry) {
            keys.add(key);
            blockLength += entry;
        }

        int blockLength() {
            return blockLength;
        }

        List<K> keys() {
            return keys;
        }

        int exptime() {
            return command.exptime;
        }

        @Override
        int window() {
            return WINDOW;
        }

        @Override
        int burst() {
            return 1;
        }

        @Override
        int valueBytes() {
            return 0;
        }

        @Override
        @Nullable
        Slot submit(Scope scope, long deadlineNs, @Nullable Completion completion) {
            Batch batch = new Batch(keys.size(), OpCode.wantsItem(op));
            Slot slot = scope.submitMany(this, batch, deadlineNs, completion);
            if (slot != null) {
                earlier = this.batch; // until this attempt is answered, what came of the last counts too
                this.batch = batch;
            }
            return slot;
        }

        @Override
        void detach() {}

        @Override
        void take(Slot slot) {}

        @Override
        void answered(int outcome, Results<K, V> results) {
            addHits(batch, results);
        }

        private void addHits(@Nullable Batch batch, Results<K, V> results) {
            if (batch == null) {
                return; // never sent
            }
            boolean items = OpCode.wantsItem(op);
            for (int i = 0; i < keys.size(); i++) {
                byte[] value = batch.value(i);
                if (value != null) {
                    results.hit(keys.get(i), command.read.hit().read(value, items ? batch.meta(i) : null));
                }
            }
        }

        /** What has arrived before counts. */
        @Override
        void failed(MemcachedException failure, Results<K, V> results) {
            addHits(earlier, results);
            addHits(batch, results);
            for (K key : keys) {
                results.failed(key, failure);
            }
        }
    }

    /** A key that travels alone. */
    private static final class One<K, V> extends Part<K, V> {
        private final ReadMany<K, V> command;
        private final K key;
        private final Terms terms;
        private final @Nullable ItemMeta meta;
        private byte @Nullable [] value;

        One(ReadMany<K, V> command, Node node, K key) {
            super(command.read.opForOne(), node);
            this.command = command;
            this.key = key;
            this.terms = new Terms(0, 0, command.exptime, 0, 0);
            this.meta = OpCode.wantsItem(op) ? new ItemMeta() : null;
        }

        @Override
        int window() {
            return WriteMany.WINDOW;
        }

        @Override
        int burst() {
            return WriteMany.BURST;
        }

        @Override
        int valueBytes() {
            return 0;
        }

        @Override
        @Nullable
        Slot submit(Scope scope, long deadlineNs, @Nullable Completion completion) {
            return scope.submitTo(node, op, key, terms, null, deadlineNs, completion);
        }

        @Override
        void detach() {}

        @Override
        void take(Slot slot) {
            value = slot.value();
            ItemMeta told = slot.meta();
            if (meta != null && told != null) {
                meta.copyFrom(told);
            }
        }

        @Override
        void answered(int outcome, Results<K, V> results) {
            if (value != null) {
                results.hit(key, command.read.hit().read(value, meta));
            }
        }

        @Override
        void failed(MemcachedException failure, Results<K, V> results) {
            results.failed(key, failure);
        }
    }
}
