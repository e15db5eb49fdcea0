package io.emcache.application;

import io.emcache.MemcachedClient;
import io.emcache.MultiResult;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a user writes, for tests that run it in a JVM of their own: uses nothing but the public packages of the library and
 * needs no other class of the tests. Its arguments are {@code write} or {@code read}, a URI and a prefix of keys;
 * {@code write} stores what {@code read} expects. It makes two clients, one after the other, and fails by an exception.
 */
public final class UserApplication {
    /** What is printed at the end of a run in which everything was as expected. */
    public static final String GOOD_END = "all as expected";

    private static final long GUARD_NS = TimeUnit.SECONDS.toNanos(10);
    private static final int KEYS = 64;

    private UserApplication() {}

    /**
     * Runs it.
     *
     * @param args {@code write} or {@code read}, a URI, a prefix
     * @throws InterruptedException never
     */
    public static void main(String[] args) throws InterruptedException {
        PrintStream stdout = System.out;
        ByteArrayOutputStream log = new ByteArrayOutputStream();
        System.setOut(new PrintStream(log, true, StandardCharsets.UTF_8));
        try {
            use(args[1], args[2], args[0].equals("write"), log);
            use(args[1], args[2], false, log);
        } finally {
            stdout.print(log.toString(StandardCharsets.UTF_8));
        }
        stdout.println(GOOD_END);
    }

    private static void use(String uri, String prefix, boolean write, ByteArrayOutputStream log)
            throws InterruptedException {
        try (MemcachedClient client = MemcachedClient.connect(uri)) {
            awaitStartLine(log);
            List<String> keys =
                    IntStream.range(0, KEYS).mapToObj(i -> prefix + i).toList();
            if (write) {
                for (String key : keys) {
                    client.set(key, valueOf(key));
                }
            }
            for (String key : keys) {
                check(key, client.get(key));
            }
            MultiResult<String, byte[]> all = client.getAll(keys);
            all.orThrow();
            keys.forEach(key -> check(key, all.hits().get(key)));
            check(prefix + 0, client.async().get(prefix + 0).join());
        }
    }

    /** From then on the keys are hashed as the line says. */
    private static void awaitStartLine(ByteArrayOutputStream log) throws InterruptedException {
        long startNs = System.nanoTime();
        while (!log.toString(StandardCharsets.UTF_8).contains("command rings")) {
            if (System.nanoTime() - startNs > GUARD_NS) {
                throw new IllegalStateException("no line in the log");
            }
            Thread.sleep(Duration.ofMillis(1));
        }
    }

    private static byte[] valueOf(String key) {
        return ("value of " + key).getBytes(StandardCharsets.UTF_8);
    }

    private static void check(String key, byte @Nullable [] value) {
        String text = new String(Objects.requireNonNull(value, key), StandardCharsets.UTF_8);
        if (!text.equals("value of " + key)) {
            throw new IllegalStateException(key + " has " + text);
        }
    }
}
