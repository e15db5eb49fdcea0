package io.emcache.internal.client;

import io.emcache.MemcachedException;
import io.emcache.MultiResult;
import io.emcache.internal.cluster.Node;
import io.emcache.internal.transport.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** One command to some nodes: sent to all of them before the first is awaited, with one deadline. Belongs to the calling thread. */
final class NodeCalls<T> {
    private final long deadlineNs;

    private final Engine engine;
    private final List<NodeCall<T>> calls = new ArrayList<>();

    private NodeCalls(Scope scope, List<Node> nodes, NodeCommand<T> command) {
        this.engine = scope.engine();
        engine.checkBlockingCall();
        long startNs = engine.nowNs();
        this.deadlineNs = startNs + scope.timeoutNs();
        for (Node node : nodes) {
            calls.add(new NodeCall<>(engine, node, command, startNs, deadlineNs, 1));
        }
    }

    /** Asks one node, and throws what it fails with. */
    static <T> T one(Scope scope, Node node, NodeCommand<T> command) {
        NodeCalls<T> calls = new NodeCalls<>(scope, List.of(node), command);
        calls.run();
        return calls.calls.getFirst().result();
    }

    /** Asks nodes; only an interrupt is thrown. */
    static <T> MultiResult<String, T> all(Scope scope, List<Node> nodes, NodeCommand<T> command) {
        NodeCalls<T> calls = new NodeCalls<>(scope, nodes, command);
        calls.run();
        MultiResult.Builder<String, T> results = MultiResult.builder();
        for (NodeCall<T> call : calls.calls) {
            calls.add(call, results);
        }
        return results.build();
    }

    private void add(NodeCall<T> call, MultiResult.Builder<String, T> results) {
        String node = call.node().identity();
        T result;
        try {
            result = call.result();
        } catch (MemcachedException.Interrupted e) {
            throw e;
        } catch (MemcachedException e) {
            results.failure(node, e);
            return;
        }
        results.hit(node, result);
    }

    private void run() {
        calls.forEach(NodeCall::send);
        boolean ended = false;
        while (!ended) {
            if (!sendLostAgain()) {
                ended = calls.stream().allMatch(NodeCall::isDone);
                if (!ended) {
                    awaitAny();
                }
            }
        }
    }

    /** Whether there was one to send again: then look once more before waiting. */
    private boolean sendLostAgain() {
        boolean any = false;
        for (int i = 0; i < calls.size(); i++) {
            NodeCall<T> again = calls.get(i).again();
            if (again != null) {
                calls.set(i, again);
                again.send();
                any = true;
            }
        }
        return any;
    }

    /** Waits until one has ended, or gives up those that have not. */
    private void awaitAny() {
        long leftNs = deadlineNs - engine.nowNs();
        if (Thread.currentThread().isInterrupted()) {
            abandonAll(Outcome.INTERRUPTED);
        } else if (leftNs <= 0) {
            calls.forEach(NodeCall::readOnce);
            abandonAll(Outcome.TIMEOUT);
        } else if (!engine.isInvoked()) {
            LockSupport.parkNanos(this, leftNs);
        } else if (engine.poll() == 0) {
            Thread.yield();
        }
    }

    private void abandonAll(int code) {
        for (NodeCall<T> call : calls) {
            if (!call.isDone()) {
                call.abandon(code);
            }
        }
    }
}
