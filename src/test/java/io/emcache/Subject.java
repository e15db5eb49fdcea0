package io.emcache;

import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.ServerRelease;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One way to use a client, of which all must behave alike. Immutable.
 *
 * @param face which verbs are called, and from where
 * @param classic whether the classic text commands are forced
 * @param unix whether the server listens on a unix socket
 * @param driver who moves the bytes
 * @param release which memcached the server is
 */
record Subject(Kind face, boolean classic, boolean unix, Driver driver, ServerRelease release) {
    enum Kind {
        SYNC,
        VIRTUAL,
        ASYNC,
        DIRECT
    }

    /** With the memcached of the system. */
    Subject(Kind face, boolean classic, boolean unix, Driver driver) {
        this(face, classic, unix, driver, ServerRelease.SYSTEM);
    }

    /**
     * Every face with both protocols over both kinds of socket, and the other drivers with each face. Each face of its
     * own, and virtual threads are the sync one, meets the newer server as well, in both protocols.
     */
    static List<Subject> all() {
        List<Subject> all = new ArrayList<>();
        for (Kind face : Kind.values()) {
            for (boolean classic : new boolean[] {false, true}) {
                all.add(new Subject(face, classic, false, Driver.caller()));
                all.add(new Subject(face, classic, true, Driver.caller()));
                if (face != Kind.VIRTUAL) {
                    all.add(new Subject(face, classic, false, Driver.caller(), ServerRelease.NEXT));
                }
            }
            all.add(new Subject(face, false, false, Driver.dedicated(Driver.Idle.BACKOFF)));
            all.add(new Subject(face, false, false, Driver.invoked()));
        }
        all.add(new Subject(Kind.SYNC, true, false, Driver.dedicated(Driver.Idle.YIELD)));
        all.add(new Subject(Kind.ASYNC, true, true, Driver.invoked()));
        return all;
    }

    boolean isAvailable() {
        return release.isAvailable();
    }

    /** Skips the test, with the reason, where there is no server of the release. */
    void assumeAvailable() {
        release.assumeAvailable();
    }

    MemcachedServer startServer(Path directory) {
        return unix ? MemcachedServer.startUnix(directory.resolve("mc.sock")) : MemcachedServer.start(release);
    }

    /** Options with which no call ends for lack of time on a busy machine. */
    ClientOptions.Builder options(MemcachedServer server) {
        return ClientOptions.fromUri(server.uri())
                .mutate()
                .timeout(Duration.ofSeconds(10))
                .connectionTimeout(Duration.ofSeconds(10))
                .forceClassic(classic)
                .driver(driver);
    }

    MemcachedClient face(MemcachedClient client) {
        return switch (face) {
            case SYNC -> client;
            case VIRTUAL -> Face.virtual(client);
            case ASYNC -> Face.async(client, driver);
            case DIRECT -> Face.direct(client, driver);
        };
    }

    @Override
    public String toString() {
        return face
                + (classic ? " classic" : " meta")
                + (unix ? " unix " : " tcp ")
                + driver
                + (release == ServerRelease.NEXT ? " next" : "");
    }
}
