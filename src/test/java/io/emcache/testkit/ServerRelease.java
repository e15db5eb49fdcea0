package io.emcache.testkit;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** Which memcached a test runs against. Safe for all threads. */
public enum ServerRelease {
    /** The one that the environment variable {@code EMCACHE_MEMCACHED} names, else {@code memcached} from the path. */
    SYSTEM,

    /**
     * A newer one: what the environment variable {@code EMCACHE_MEMCACHED_NEXT} names, else what
     * {@code scripts/memcached-next} has fetched. Not every machine has it.
     */
    NEXT;

    /**
     * Returns whether there is such a server; that {@link #SYSTEM} is there is taken for granted.
     *
     * @return false if tests that need it have to be skipped
     */
    public boolean isAvailable() {
        return this == SYSTEM || Files.isExecutable(Path.of(binary()));
    }

    /**
     * Returns what to tell whoever wonders why tests were skipped.
     *
     * @return where the server was looked for, and how to get it
     */
    public String whyNot() {
        return "no memcached at " + binary() + ": scripts/memcached-next fetches one, EMCACHE_MEMCACHED_NEXT names"
                + " another";
    }

    /**
     * Skips the test, with the reason, if there is no such server.
     *
     * @throws org.opentest4j.TestAbortedException if it is not available
     */
    public void assumeAvailable() {
        Assumptions.assumeTrue(isAvailable(), this::whyNot);
    }

    /** The program to start: a path, or a name for the path to be searched. */
    String binary() {
        String named = environment(this == SYSTEM ? "EMCACHE_MEMCACHED" : "EMCACHE_MEMCACHED_NEXT");
        if (named != null) {
            return named;
        }
        return this == SYSTEM ? "memcached" : fetched().toString();
    }

    /** Where scripts/memcached-next puts it. */
    private static Path fetched() {
        String cache = environment("XDG_CACHE_HOME");
        String home = environment("HOME");
        Path base = cache != null
                ? Path.of(cache)
                : Path.of(home != null ? home : System.getProperty("user.home"), ".cache");
        return base.resolve("emcache").resolve("memcached-trixie").resolve("memcached");
    }

    private static @Nullable String environment(String name) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? null : value;
    }
}
