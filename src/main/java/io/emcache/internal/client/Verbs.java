package io.emcache.internal.client;

import io.emcache.DeleteResult;
import io.emcache.Item;
import io.emcache.StoreResult;
import io.emcache.internal.protocol.OpCode;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** All commands, once for every face. Constants only. */
final class Verbs {
    static final Verb<byte @Nullable []> GET = new Verb<>(OpCode.GET, Answers::value, null);
    static final Verb<byte @Nullable []> GAT = new Verb<>(OpCode.GAT, Answers::value, null);
    static final Verb<@Nullable Item<byte[]>> GET_ITEM = new Verb<>(OpCode.GET_ITEM, Answers::item, null);
    static final Verb<@Nullable Item<byte[]>> GAT_ITEM = new Verb<>(OpCode.GAT_ITEM, Answers::item, null);
    static final Verb<@Nullable Item<byte[]>> LEASE = new Verb<>(OpCode.LEASE, Answers::item, null);
    static final Verb<StoreResult> SET = store(OpCode.SET);
    static final Verb<StoreResult> ADD = store(OpCode.ADD);
    static final Verb<StoreResult> REPLACE = store(OpCode.REPLACE);
    static final Verb<StoreResult> CAS = store(OpCode.CAS);
    static final Verb<StoreResult> APPEND = store(OpCode.APPEND);
    static final Verb<StoreResult> PREPEND = store(OpCode.PREPEND);
    static final Verb<Boolean> DELETE = new Verb<>(OpCode.DELETE, Answers::done, true);
    static final Verb<DeleteResult> DELETE_IF = new Verb<>(OpCode.DELETE, Answers::deleted, DeleteResult.DELETED);
    static final Verb<Boolean> TOUCH = new Verb<>(OpCode.TOUCH, Answers::done, true);
    static final Verb<Boolean> INVALIDATE = new Verb<>(OpCode.INVALIDATE, Answers::done, true);
    static final Verb<OptionalLong> INCREMENT = counter(OpCode.INCREMENT);
    static final Verb<OptionalLong> DECREMENT = counter(OpCode.DECREMENT);

    static final ManyRead<byte[]> GET_MANY = new ManyRead<>(OpCode.GET_MANY, OpCode.GET, (value, meta) -> value);
    static final ManyRead<byte[]> GAT_MANY = new ManyRead<>(OpCode.GAT_MANY, OpCode.GAT, (value, meta) -> value);
    static final ManyRead<Item<byte[]>> GET_ITEM_MANY =
            new ManyRead<>(OpCode.GET_ITEM_MANY, OpCode.GET_ITEM, Answers::item);
    static final ManyRead<Item<byte[]>> GAT_ITEM_MANY =
            new ManyRead<>(OpCode.GAT_ITEM_MANY, OpCode.GAT_ITEM, Answers::item);

    private Verbs() {}

    private static Verb<StoreResult> store(int op) {
        return new Verb<>(op, Answers::stored, StoreResult.STORED);
    }

    private static Verb<OptionalLong> counter(int op) {
        return new Verb<>(op, Answers::counter, OptionalLong.empty());
    }
}
