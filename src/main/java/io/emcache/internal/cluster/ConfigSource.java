package io.emcache.internal.cluster;

import io.emcache.MemcachedException;
import io.emcache.NodeAddress;
import io.emcache.internal.protocol.ClusterConfig;
import io.emcache.internal.transport.ConfigConnection;
import io.emcache.internal.transport.NanoClock;
import io.emcache.internal.transport.Security;
import io.emcache.spi.NodeDiscovery;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The nodes that discovery endpoints name. The endpoints are asked in turn, each with the whole time-out, until one
 * answers with a list that is not older than the newest one known. A version that is not newer changes nothing, whatever
 * its list says, so an endpoint that lags behind never takes the client back. For one thread at a time.
 */
final class ConfigSource implements NodeDiscovery {
    /** Asks one endpoint. */
    @FunctionalInterface
    interface Asker {
        ClusterConfig ask(NodeAddress endpoint, long timeoutNs);
    }

    private final List<NodeAddress> endpoints;
    private final Asker asker;

    private ClusterConfig newest = new ClusterConfig(-1, List.of());

    ConfigSource(List<NodeAddress> endpoints, Asker asker) {
        this.endpoints = List.copyOf(endpoints);
        this.asker = asker;
    }

    static ConfigSource over(List<NodeAddress> endpoints, NanoClock clock, Executor resolver, Security security) {
        return new ConfigSource(
                endpoints,
                (endpoint, timeoutNs) -> ConfigConnection.ask(endpoint, timeoutNs, clock, resolver, security));
    }

    @Override
    public List<NodeAddress> discover(Duration timeout) {
        MemcachedException failure = null;
        for (NodeAddress endpoint : endpoints) {
            try {
                ClusterConfig config = asker.ask(endpoint, timeout.toNanos());
                if (config.nodes().isEmpty()) {
                    throw new MemcachedException.NodeUnavailable(
                            "the discovery endpoint names no node", endpoint.identity(), false, null);
                }
                if (config.version() > newest.version()) {
                    newest = config;
                }
                if (config.version() >= newest.version()) {
                    return newest.nodes();
                }
            } catch (MemcachedException.Interrupted e) {
                throw e;
            } catch (MemcachedException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        return orThrow(failure);
    }

    /** An older list is no failure. */
    private List<NodeAddress> orThrow(@Nullable MemcachedException failure) {
        if (failure != null) {
            throw failure;
        }
        return newest.nodes();
    }
}
