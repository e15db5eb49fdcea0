package io.emcache.internal.client;

import io.emcache.StoreResult;
import io.emcache.internal.protocol.OpCode;
import org.jspecify.annotations.Nullable;

/** All commands for one key, once for every face. Constants only. */
final class Verbs {
    static final Verb<byte @Nullable []> GET = new Verb<>(OpCode.GET, Answers::value);
    static final Verb<StoreResult> SET = new Verb<>(OpCode.SET, Answers::stored);
    static final Verb<Boolean> DELETE = new Verb<>(OpCode.DELETE, Answers::done);

    private Verbs() {}
}
