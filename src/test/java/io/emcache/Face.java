package io.emcache;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Clients whose verbs are run by one of the faces: each call waits for its result and throws what the face fails with. What
 * is no verb goes to the client itself. Safe for all threads.
 */
final class Face {
    /** How long a test waits for what must happen. */
    static final Duration GUARD = Duration.ofSeconds(10);

    /** What a client has beside its verbs. */
    static final Set<String> LIFE = Set.of(
            "async",
            "direct",
            "typed",
            "admin",
            "events",
            "cluster",
            "health",
            "with",
            "namespace",
            "awaitReady",
            "poll",
            "close",
            "isClosed");

    /** What calls code of the user's and waits for others: only the sync face has it. */
    static final Set<String> RECIPES = Set.of("getOrCompute", "update");

    private static final Set<String> VIEWS = Set.of("with", "namespace");

    private Face() {}

    /** Each call on a virtual thread of its own. */
    static MemcachedClient virtual(MemcachedClient client) {
        return facing(
                client, (method, arguments) -> onVirtualThread(() -> method.invoke(client, arguments)), Face::virtual);
    }

    /** Futures, waited for; with {@link Driver#invoked()} the waiting thread polls. */
    static MemcachedClient async(MemcachedClient client, Driver driver) {
        return facing(
                client,
                (method, arguments) -> {
                    if (RECIPES.contains(method.getName())) {
                        return method.invoke(client, arguments);
                    }
                    Method twin = AsyncMemcachedClient.class.getMethod(method.getName(), method.getParameterTypes());
                    return join(client, driver, (CompletableFuture<?>) twin.invoke(client.async(), arguments));
                },
                view -> async(view, driver));
    }

    /** Callbacks, waited for; what the direct face does not have goes to the async one. */
    static MemcachedClient direct(MemcachedClient client, Driver driver) {
        MemcachedClient async = async(client, driver);
        DirectVerbs verbs = new DirectVerbs(
                client, future -> join(client, driver, future), (method, given) -> method.invoke(async, given));
        return facing(client, verbs::run, view -> direct(view, driver));
    }

    /** Runs a verb. */
    interface Runner {
        @Nullable
        Object run(Method verb, Object[] arguments) throws Exception;
    }

    /**
     * A client whose verbs are run by somebody else.
     *
     * @param client what the rest goes to
     * @param runner runs the verbs
     * @param views makes the same of a view
     */
    static MemcachedClient facing(MemcachedClient client, Runner runner, UnaryOperator<MemcachedClient> views) {
        Class<?>[] types = {MemcachedClient.class};
        return (MemcachedClient) Proxy.newProxyInstance(Face.class.getClassLoader(), types, (self, method, given) -> {
            Object[] arguments = given == null ? new Object[0] : given;
            boolean verb = method.getDeclaringClass() != Object.class && !LIFE.contains(method.getName());
            try {
                if (verb) {
                    return runner.run(method, arguments);
                }
                Object result = method.invoke(client, arguments);
                return VIEWS.contains(method.getName()) ? views.apply((MemcachedClient) result) : result;
            } catch (InvocationTargetException e) {
                throw unchecked(e.getCause());
            }
        });
    }

    private static @Nullable Object onVirtualThread(Callable<?> call) throws InvocationTargetException {
        FutureTask<?> task = new FutureTask<>(call);
        Thread.ofVirtual().start(task);
        try {
            return task.get(GUARD.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof InvocationTargetException failure) {
                throw failure;
            }
            throw unchecked(e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("no result after " + GUARD, e);
        } catch (InterruptedException e) {
            throw new AssertionError("the test was interrupted", e);
        }
    }

    private static @Nullable Object join(MemcachedClient client, Driver driver, CompletableFuture<?> future) {
        long startNs = System.nanoTime();
        while (driver instanceof Driver.Invoked && !future.isDone()) {
            if (client.poll() == 0) {
                Thread.onSpinWait();
            }
            if (System.nanoTime() - startNs > GUARD.toNanos()) {
                throw new AssertionError("no result after " + GUARD);
            }
        }
        try {
            return future.orTimeout(GUARD.toSeconds(), TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            throw unchecked(e.getCause());
        }
    }

    /** What a task failed with, as its own call would have thrown it. */
    static RuntimeException unchecked(Throwable failure) {
        if (failure instanceof RuntimeException runtime) {
            return runtime;
        }
        throw failure instanceof Error error ? error : new AssertionError(failure);
    }
}
