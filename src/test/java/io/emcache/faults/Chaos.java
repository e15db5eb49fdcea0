package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.MemcachedClient;
import io.emcache.MemcachedException;
import io.emcache.testkit.FaultProxy;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.ServerCluster;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Servers that are killed, frozen and brought back at random, and connections that end at random, while callers of all faces
 * call, some of whom give up early. For the thread of a test.
 */
final class Chaos {
    private static final int AT_LEAST = 3;
    private static final int LAST_ANSWERS = 4_000;
    private static final Duration GUARD = Duration.ofSeconds(30);

    private final int calls;
    private final long seed;

    private int callers;
    private int eras;
    private int freezes;
    private boolean eraIsDue = true;

    private final ServerCluster servers;
    private final FaultProxy proxy;
    private final MemcachedClient client;
    private final SplittableRandom random;
    private final Ledger ledger = new Ledger();
    private final StormFaces faces;
    /**
     * Counted once a server is dead, before it comes back: what was seen before has been seen with the old count, and nobody
     * finds a server empty before the new one is there. Counted any earlier, items seen in between would die unnoticed.
     */
    private final AtomicInteger deaths = new AtomicInteger();

    private volatile Era era = new Era(0, deaths::get);

    /**
     * Plans it.
     *
     * @param servers die and freeze
     * @param proxy before one of the servers, ends connections of which the server lives on
     */
    Chaos(ServerCluster servers, FaultProxy proxy, MemcachedClient client, int calls, long seed) {
        this.servers = servers;
        this.proxy = proxy;
        this.client = client;
        this.calls = calls;
        this.seed = seed;
        this.random = new SplittableRandom(seed);
        this.faces = new StormFaces(client, ledger, seed);
    }

    Ledger ledger() {
        return ledger;
    }

    int deaths() {
        return deaths.get();
    }

    int freezes() {
        return freezes;
    }

    /** Lets it rage until there were enough calls, ends every call, and asks the servers whether all is as it was told. */
    void rage() throws InterruptedException {
        start();
        while (ledger.ended() < calls || deaths.get() < AT_LEAST || freezes < AT_LEAST) {
            if (eraIsDue) {
                renewEra();
            }
            calm(random.nextInt(20, 200));
            misdeed();
        }
        servers.heal();
        await("every node answers").atMost(GUARD).until(this::renewEra);
        // Of a call that is made twice nothing shows unless the server lives on.
        long enough = ledger.answered() + LAST_ANSWERS;
        while (ledger.answered() < enough) {
            proxy.resetAll();
            calm(random.nextInt(30));
        }
        faces.stop();
        era.verify(client);
    }

    private void start() {
        for (int i = 0; i < 3; i++) {
            faces.sync("sync-" + i, deeds("sync-" + i));
            faces.virtual("virtual-" + i, deeds("virtual-" + i));
        }
        faces.async("async-0", deeds("async-0"));
        faces.async("async-1", deeds("async-1"));
        faces.direct("direct-0", deeds("direct-0"));
        SplittableRandom victims = random.split();
        faces.other("interrupts", () -> {
            while (!faces.isStopped()) {
                faces.interruptOne(victims);
                LockSupport.parkNanos(2_000_000);
            }
        });
    }

    private Supplier<Deed> deeds(String caller) {
        return new ChaosDeeds(caller, ledger, deaths::get, () -> era, new SplittableRandom(seed * 100 + callers++))
                ::next;
    }

    /** False if a node did not take its items: then most of their calls find nothing, and an era is due again. */
    private boolean renewEra() {
        Era next = new Era(++eras, deaths::get);
        try {
            next.make(client);
            eraIsDue = false;
        } catch (MemcachedException e) {
            assertThat(e).isInstanceOfAny(MemcachedException.NodeUnavailable.class, MemcachedException.Timeout.class);
            eraIsDue = true;
        }
        era = next;
        return !eraIsDue;
    }

    private void calm(int ms) throws InterruptedException {
        Thread.sleep(ms);
        faces.requireProgress();
    }

    private void misdeed() throws InterruptedException {
        MemcachedServer server = servers.server(random.nextInt(servers.size()));
        switch (random.nextInt(14)) {
            case 0, 1, 2 -> {
                kill(server);
                calm(random.nextInt(150));
            }
            case 3 -> {
                kill(server);
                freeze(servers.server(random.nextInt(servers.size())));
                calm(random.nextInt(300));
            }
            // Longer than a call may take without progress: the client gives its connections up.
            case 4 -> {
                freeze(server);
                calm(random.nextInt(1_000, 1_500));
            }
            // What had been sent before it froze dies with it.
            case 5 -> {
                freeze(server);
                calm(random.nextInt(100));
                kill(server);
            }
            case 6, 7 -> {
                freeze(server);
                calm(random.nextInt(200));
            }
            case 8 -> proxy.halfOpen();
            case 9, 10 -> proxy.cutAll();
            default -> proxy.resetAll();
        }
        servers.heal();
    }

    private void kill(MemcachedServer server) {
        server.kill();
        deaths.incrementAndGet();
        eraIsDue = true;
    }

    private void freeze(MemcachedServer server) {
        if (server.isAlive()) {
            server.suspend();
            freezes++;
        }
    }
}
