package io.emcache.faults;

import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.ScriptedServer;
import io.emcache.testkit.ServerRelease;
import org.jspecify.annotations.Nullable;

/** A server that is asked for facts: the two real ones, and what stands for them in other tests. Immutable. */
enum Peer {
    SYSTEM(ServerRelease.SYSTEM),
    NEXT(ServerRelease.NEXT),
    FAKE(null),
    MODERN_FAKE(null);

    private final @Nullable ServerRelease release;

    Peer(@Nullable ServerRelease release) {
        this.release = release;
    }

    boolean isAvailable() {
        return release == null || release.isAvailable();
    }

    /** Skips the test, with the reason, where there is no such server. */
    void assumeAvailable() {
        if (release != null) {
            release.assumeAvailable();
        }
    }

    /** A running server. */
    interface Server extends AutoCloseable {
        int port();

        @Override
        void close();
    }

    Server start(String... args) {
        if (release != null) {
            return serving(MemcachedServer.start(release, args));
        }
        return serving(ScriptedServer.start(this == FAKE ? new FakeMemcached() : FakeMemcached.modern()));
    }

    private static Server serving(MemcachedServer server) {
        return new Server() {
            @Override
            public int port() {
                return server.port();
            }

            @Override
            public void close() {
                server.close();
            }
        };
    }

    private static Server serving(ScriptedServer server) {
        return new Server() {
            @Override
            public int port() {
                return server.port();
            }

            @Override
            public void close() {
                server.close();
            }
        };
    }
}
