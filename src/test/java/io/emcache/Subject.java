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
 * @param transport how the bytes get to the server
 * @param driver who moves the bytes
 * @param release which memcached the server is
 */
record Subject(Kind face, boolean classic, Transport transport, Driver driver, ServerRelease release) {
    enum Kind {
        SYNC,
        VIRTUAL,
        ASYNC,
        DIRECT
    }

    /** With the memcached of the system. */
    Subject(Kind face, boolean classic, Transport transport, Driver driver) {
        this(face, classic, transport, driver, ServerRelease.SYSTEM);
    }

    /**
     * Every face with both protocols over both kinds of socket, and the other drivers with each face. Each face of its
     * own, and virtual threads are the sync one, meets the newer server as well, in both protocols. Each of the other
     * transports meets one face, one protocol and one driver.
     */
    static List<Subject> all() {
        List<Subject> all = new ArrayList<>();
        for (Kind face : Kind.values()) {
            for (boolean classic : new boolean[] {false, true}) {
                all.add(new Subject(face, classic, Transport.TCP, Driver.caller()));
                all.add(new Subject(face, classic, Transport.UNIX, Driver.caller()));
                if (face != Kind.VIRTUAL) {
                    all.add(new Subject(face, classic, Transport.TCP, Driver.caller(), ServerRelease.NEXT));
                }
            }
            all.add(new Subject(face, false, Transport.TCP, Driver.dedicated(Driver.Idle.BACKOFF)));
            all.add(new Subject(face, false, Transport.TCP, Driver.invoked()));
        }
        all.add(new Subject(Kind.SYNC, true, Transport.TCP, Driver.dedicated(Driver.Idle.YIELD)));
        all.add(new Subject(Kind.ASYNC, true, Transport.UNIX, Driver.invoked()));
        all.add(new Subject(Kind.ASYNC, true, Transport.TLS_1_2, Driver.caller()));
        all.add(new Subject(Kind.SYNC, false, Transport.TLS_1_3, Driver.caller()));
        all.add(new Subject(Kind.DIRECT, false, Transport.MUTUAL_TLS, Driver.dedicated(Driver.Idle.BACKOFF)));
        all.add(new Subject(Kind.SYNC, true, Transport.TCP_WITH_PASSWORD, Driver.invoked()));
        all.add(new Subject(Kind.ASYNC, false, Transport.TLS_WITH_PASSWORD, Driver.caller()));
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
        return transport.startServer(release, directory);
    }

    /** Options with which no call ends for lack of time on a busy machine. */
    ClientOptions.Builder options(MemcachedServer server, Path directory) {
        return transport
                .options(server, directory)
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
                + " " + transport + " "
                + driver
                + (release == ServerRelease.NEXT ? " next" : "");
    }
}
