package io.emcache;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.emcache.DirectReply.Result;
import io.emcache.DirectRequest.Offer;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs the verbs that the direct face has, and in its form: text keys, and no options but a time to live and flags. For one
 * test.
 */
final class DirectVerbs {
    private final MemcachedClient client;
    private final Function<CompletableFuture<?>, @Nullable Object> join;
    private final Face.Runner others;

    /**
     * @param join waits for a result
     * @param others runs what the direct face does not have
     */
    DirectVerbs(MemcachedClient client, Function<CompletableFuture<?>, @Nullable Object> join, Face.Runner others) {
        this.client = client;
        this.join = join;
        this.others = others;
    }

    @Nullable
    Object run(Method verb, Object[] arguments) throws Exception {
        CompletableFuture<@Nullable Object> result = new CompletableFuture<>();
        DirectRequest request = client.direct().newRequest(reply -> complete(result, verb.getName(), reply));
        Offer offer = offer(request, verb.getName(), arguments);
        if (offer == null) {
            return others.run(verb, arguments);
        }
        if (offer != Offer.ACCEPTED) {
            Object taken = verb.invoke(client, arguments);
            throw new AssertionError("the direct face says " + offer + ", the sync one took it: " + taken);
        }
        return join.apply(result);
    }

    /** Null if the direct face has no such form of the verb. */
    private static @Nullable Offer offer(DirectRequest request, String verb, Object[] arguments) {
        byte[] key = arguments.length == 0 ? null : keyBytes(arguments[0]);
        if (key == null || Arrays.asList(arguments).contains(null)) {
            return null;
        }
        request.key(MemorySegment.ofArray(key));
        return switch (arguments.length) {
            case 1 -> offerBare(request, verb);
            case 2 -> offerWith(request, verb, arguments[1]);
            case 3 -> offerStore(request, verb, arguments[1], arguments[2]);
            default -> null;
        };
    }

    private static @Nullable Offer offerBare(DirectRequest request, String verb) {
        return switch (verb) {
            case "get" -> request.get();
            case "delete" -> request.delete();
            default -> null;
        };
    }

    private static @Nullable Offer offerWith(DirectRequest request, String verb, Object argument) {
        return switch (argument) {
            case Ttl ttl when verb.equals("gat") -> request.gat(ttl);
            case Ttl ttl when verb.equals("touch") -> request.touch(ttl);
            case Long delta when delta >= 0 && verb.equals("increment") -> request.increment(delta);
            case Long delta when delta >= 0 && verb.equals("decrement") -> request.decrement(delta);
            case byte[] value -> offerStore(request, verb, value, Ttl.NONE);
            default -> null;
        };
    }

    private static @Nullable Offer offerStore(DirectRequest request, String verb, Object value, Object argument) {
        Ttl ttl = argument instanceof Ttl given ? given : Ttl.NONE;
        if (argument instanceof WriteOptions options) {
            if (!options.equals(WriteOptions.of(options.ttl()).withFlags(options.flags()))) {
                return null;
            }
            ttl = options.ttl();
            request.flags(options.flags());
        }
        if (!(value instanceof byte[] bytes)) {
            return null;
        }
        request.value(MemorySegment.ofArray(bytes));
        if (verb.equals("cas")) {
            return argument instanceof Long cas && cas != 0 ? request.cas(cas, Ttl.NONE) : null;
        }
        boolean plain = argument.equals(Ttl.NONE);
        return switch (verb) {
            case "set" -> request.set(ttl);
            case "add" -> request.add(ttl);
            case "replace" -> request.replace(ttl);
            case "append" -> plain ? request.append() : null;
            case "prepend" -> plain ? request.prepend() : null;
            default -> null;
        };
    }

    private static byte @Nullable [] keyBytes(@Nullable Object key) {
        if (key instanceof String text) {
            boolean unicode = StandardCharsets.UTF_8.newEncoder().canEncode(text);
            return unicode ? text.getBytes(StandardCharsets.UTF_8) : null;
        }
        boolean plain = key instanceof Key bytes && !bytes.isBinary() && bytes.routingKeyLength() == 0;
        return plain ? ((Key) key).toBytes() : null;
    }

    private static void complete(CompletableFuture<@Nullable Object> result, String verb, DirectReply reply) {
        MemcachedException failure = reply.failure();
        if (failure != null) {
            result.completeExceptionally(failure);
            return;
        }
        try {
            result.complete(
                    switch (verb) {
                        case "get", "gat" ->
                            reply.result() == Result.HIT ? reply.value().toArray(JAVA_BYTE) : null;
                        case "delete", "touch" -> reply.result() == Result.DONE;
                        case "increment", "decrement" ->
                            reply.result() == Result.DONE ? OptionalLong.of(reply.counter()) : OptionalLong.empty();
                        default -> stored(reply.result());
                    });
        } catch (RuntimeException e) {
            result.completeExceptionally(e);
        }
    }

    private static StoreResult stored(Result result) {
        return switch (result) {
            case DONE -> StoreResult.STORED;
            case NOT_STORED -> StoreResult.NOT_STORED;
            case EXISTS -> StoreResult.EXISTS;
            case NOT_FOUND -> StoreResult.NOT_FOUND;
            default -> throw new AssertionError("no answer to a store: " + result);
        };
    }
}
