package io.emcache.internal.client;

import io.emcache.Autodiscovery;
import io.emcache.ClientOptions;
import io.emcache.ClusterManagement;
import io.emcache.ConnectionPoolMetrics;
import io.emcache.Key;
import io.emcache.NodeAddress;
import io.emcache.NodeLatencies;
import io.emcache.internal.cluster.Node;
import io.emcache.internal.memory.KeyScratch;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/** The nodes of a client, as its users see them. Immutable but for the engine; safe for all threads. */
final class Management implements ClusterManagement {
    private final Scope scope;

    Management(Scope scope) {
        this.scope = scope;
    }

    private List<Node> members() {
        return scope.engine().cluster().nodes();
    }

    @Override
    public List<NodeAddress> nodes() {
        return members().stream().map(Node::address).toList();
    }

    @Override
    public List<NodeAddress> healthyNodes() {
        return members().stream().filter(Node::isHealthy).map(Node::address).toList();
    }

    @Override
    public List<NodeAddress> unhealthyNodes() {
        return members().stream()
                .filter(node -> !node.isHealthy())
                .map(Node::address)
                .toList();
    }

    @Override
    public NodeAddress nodeOf(String key) {
        return node(Objects.requireNonNull(key, "key")).address();
    }

    @Override
    public NodeAddress nodeOf(Key key) {
        return node(Objects.requireNonNull(key, "key")).address();
    }

    private Node node(Object key) {
        KeyScratch scratch = scope.engine().scratch();
        try {
            return KeySpace.routesByWire(key)
                    ? scope.routeSent(scratch, scope.encode(key, scratch))
                    : scope.route(key, scratch);
        } finally {
            scratch.release();
        }
    }

    @Override
    public Map<String, ConnectionPoolMetrics> connectionPoolMetrics() {
        return byNode(Node::metrics);
    }

    @Override
    public Map<String, NodeLatencies> latencies() {
        return byNode(node -> node.telemetry().latencies());
    }

    private <T> Map<String, T> byNode(Function<Node, T> figures) {
        Map<String, T> all = new LinkedHashMap<>();
        members().forEach(node -> all.put(node.identity(), figures.apply(node)));
        return Collections.unmodifiableMap(all);
    }

    @Override
    public boolean addNode(NodeAddress node) {
        Objects.requireNonNull(node, "node");
        checkMayChange();
        return scope.engine().addNode(node);
    }

    @Override
    public boolean removeNode(String identity) {
        Objects.requireNonNull(identity, "identity");
        checkMayChange();
        return scope.engine().cluster().removeNode(identity);
    }

    private void checkMayChange() {
        scope.engine().checkOpen();
        ClientOptions options = scope.engine().options();
        if (options.autodiscovery() != Autodiscovery.NONE || options.discovery() != null) {
            throw new IllegalStateException("the nodes of this client are discovered");
        }
    }
}
