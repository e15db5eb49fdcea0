package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.emcache.testkit.Answer;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.Gate;
import io.emcache.testkit.PinnedEvents;
import io.emcache.testkit.ScriptedServer;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Two virtual threads on one carrier: while the first waits for a reply, the second must run. The first uses of the classes of
 * client and JDK may pin a carrier, since a thread that waits for the initialisation of a class keeps it: all verbs
 * are called once before anything is counted.
 */
final class OneCarrierScenario {
    private OneCarrierScenario() {}

    /** Prints what happened. */
    public static void main(String[] args) throws Exception {
        run(System.out);
    }

    private static void run(PrintStream out) throws Exception {
        FakeMemcached fake = new FakeMemcached().put("k", "late".getBytes(UTF_8));
        try (ScriptedServer server = ScriptedServer.start(fake);
                MemcachedClient client = MemcachedClient.builder()
                        .nodes(server.address())
                        .timeout(Duration.ofSeconds(30))
                        .connect()) {
            warmUp(client);
            int pinned = PinnedEvents.count(() -> {
                for (int round = 0; round < 20; round++) {
                    overtake(fake, client, out);
                    useAll(client);
                }
            });
            out.println("pinned=" + pinned);
        }
    }

    private static void warmUp(MemcachedClient client) throws Exception {
        for (int i = 0; i < 50; i++) {
            useAll(client);
        }
    }

    private static void useAll(MemcachedClient client) throws Exception {
        CountDownLatch done = new CountDownLatch(4);
        for (int i = 0; i < 4; i++) {
            String key = "w" + i;
            Thread.ofVirtual().start(() -> {
                client.set(key, new byte[3_000]);
                client.get(key);
                client.getAll(List.of(key, "absent", "k"));
                client.delete(key);
                client.async().get("k").join();
                done.countDown();
            });
        }
        if (!done.await(30, TimeUnit.SECONDS)) {
            throw new AssertionError("virtual threads do not end");
        }
    }

    /** The first thread's reply comes only after the second thread has opened the gate: on the one carrier. */
    private static void overtake(FakeMemcached fake, MemcachedClient client, PrintStream out) throws Exception {
        Gate gate = new Gate();
        fake.onNext("mg", Answer.late(gate));
        CompletableFuture<byte[]> value = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                value.complete(client.get("k"));
            } catch (MemcachedException e) {
                value.completeExceptionally(e);
            }
        });
        gate.awaitReached();
        CountDownLatch overtaken = new CountDownLatch(1);
        Thread.ofVirtual().start(overtaken::countDown);
        out.println("overtaken=" + overtaken.await(10, TimeUnit.SECONDS));
        gate.open();
        out.println("value=" + new String(value.get(30, TimeUnit.SECONDS), UTF_8));
    }
}
