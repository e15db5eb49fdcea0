package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.testkit.Answer;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.Request;
import io.emcache.testkit.ScriptedServer;
import io.emcache.testkit.Session;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A call over several nodes: none of them waits for another, and what one does costs the others nothing. */
@NoLeaks
@Timeout(60)
class ManyNodesTest {
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final int WINDOW = 16;

    private final List<Site> sites = new ArrayList<>();

    private enum Kind {
        SYNC,
        VIRTUAL,
        ASYNC
    }

    private record Mode(Kind face, boolean classic, Driver driver) {
        String chunkVerb() {
            return classic ? "get" : "mn";
        }

        String readVerb() {
            return classic ? "get" : "mg";
        }

        String setVerb() {
            return classic ? "set" : "ms";
        }

        String deleteVerb() {
            return classic ? "delete" : "md";
        }

        MemcachedClient face(MemcachedClient client) {
            return switch (face) {
                case SYNC -> client;
                case VIRTUAL -> Face.virtual(client);
                case ASYNC -> Face.async(client, driver);
            };
        }
    }

    static Stream<Mode> allModes() {
        return Stream.of(Kind.values())
                .flatMap(face -> Stream.of(Driver.caller(), Driver.dedicated(Driver.Idle.BACKOFF), Driver.invoked())
                        .flatMap(driver -> Stream.of(new Mode(face, false, driver), new Mode(face, true, driver))));
    }

    /** Each face, each driver and each dialect, but not each with each. */
    static Stream<Mode> someModes() {
        return Stream.of(
                new Mode(Kind.SYNC, false, Driver.caller()),
                new Mode(Kind.SYNC, true, Driver.caller()),
                new Mode(Kind.VIRTUAL, false, Driver.caller()),
                new Mode(Kind.ASYNC, false, Driver.caller()),
                new Mode(Kind.ASYNC, true, Driver.caller()),
                new Mode(Kind.SYNC, false, Driver.dedicated(Driver.Idle.BACKOFF)),
                new Mode(Kind.SYNC, false, Driver.invoked()),
                new Mode(Kind.ASYNC, true, Driver.invoked()));
    }

    /** Some nodes and a client of them. */
    private static final class Site implements AutoCloseable {
        private final Mode mode;
        private final List<FakeMemcached> fakes = new ArrayList<>();
        private final List<ScriptedServer> servers = new ArrayList<>();
        private final MemcachedClient client;

        Site(Mode mode, int nodes, Duration timeout, UnaryOperator<ClientOptions.Builder> more) {
            this.mode = mode;
            for (int i = 0; i < nodes; i++) {
                FakeMemcached fake = mode.classic() ? FakeMemcached.classic("1.5.22") : new FakeMemcached();
                fakes.add(fake);
                servers.add(ScriptedServer.start(fake));
            }
            client = more.apply(MemcachedClient.builder()
                            .nodes(servers.stream().map(ScriptedServer::address).toArray(String[]::new))
                            .connections(1)
                            .timeout(timeout)
                            .connectionTimeout(LONG)
                            .driver(mode.driver()))
                    .connect();
        }

        MemcachedClient face() {
            return mode.face(client);
        }

        MemcachedClient with(Duration timeout) {
            return mode.face(client.with(CallOptions.timeout(timeout)));
        }

        /** Sorts keys of which none is stored by node. */
        List<String> sort(Collection<String> keys) {
            assertThat(with(LONG).getAll(keys).misses()).hasSameSizeAs(keys);
            List<String> sorted = new ArrayList<>();
            for (FakeMemcached fake : fakes) {
                sorted.addAll(askedOf(fake));
            }
            assertThat(sorted).containsExactlyInAnyOrderElementsOf(keys);
            return sorted;
        }

        private List<String> askedOf(FakeMemcached fake) {
            List<String> asked = new ArrayList<>();
            for (Request request : fake.requests()) {
                if (request.verb().equals("get")) {
                    asked.addAll(request.words().subList(1, request.words().size()));
                } else if (request.verb().equals("mg")) {
                    asked.add(request.key());
                }
            }
            return asked;
        }

        /** Stores the keys, and returns them sorted by node. */
        List<String> store(Collection<String> keys) {
            Map<String, byte[]> values = new LinkedHashMap<>();
            keys.forEach(key -> values.put(key, value(key)));
            assertThat(with(LONG).setAll(values).failures()).isEmpty();
            List<String> sorted = new ArrayList<>();
            for (int i = 0; i < fakes.size(); i++) {
                sorted.addAll(keysOf(i, keys));
            }
            assertThat(sorted).hasSameSizeAs(keys);
            return sorted;
        }

        /** Those of the keys that are stored on a node, of which each has some. */
        List<String> keysOf(int node, Collection<String> keys) {
            FakeMemcached fake = fakes.get(node);
            List<String> own =
                    keys.stream().filter(key -> fake.get(key) != null).toList();
            assertThat(own).isNotEmpty();
            return own;
        }

        void onNextOfEach(String verb, Answer answer) {
            fakes.forEach(fake -> fake.onNext(verb, answer));
        }

        @Override
        public void close() {
            client.close();
            servers.forEach(ScriptedServer::close);
        }
    }

    private static byte[] value(String key) {
        return KeyTaggedValues.make(key, KeyTaggedValues.minBytes(key) + 8, 1);
    }

    private Site site(Mode mode, int nodes) {
        return site(mode, nodes, LONG, more -> more);
    }

    private Site site(Mode mode, int nodes, Duration timeout, UnaryOperator<ClientOptions.Builder> more) {
        Site site = new Site(mode, nodes, timeout, more);
        synchronized (sites) {
            sites.add(site);
        }
        return site;
    }

    @AfterEach
    void close() {
        sites.forEach(Site::close);
    }

    /** So long that the keys of one node take more chunks than a window has. */
    private static List<String> longKeys(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> i + "k".repeat(230 - Integer.toString(i).length()))
                .toList();
    }

    private static void assertAllHits(MultiResult<String, byte[]> result, Collection<String> keys) {
        assertThat(result.failures()).isEmpty();
        assertThat(result.misses()).isEmpty();
        assertThat(result.hits()).containsOnlyKeys(keys);
        result.hits().forEach(KeyTaggedValues::verify);
    }

    /** Answers when so many nodes have a request: one that is awaited before the last is sent would wait for ever. */
    private static Answer meeting(int nodes) {
        CountDownLatch arrived = new CountDownLatch(nodes);
        return (request, reply, session) -> {
            arrived.countDown();
            if (!arrived.await(5, TimeUnit.SECONDS)) {
                throw new AssertionError("no node but this has a request: " + request);
            }
            session.send(reply);
        };
    }

    @ParameterizedTest
    @MethodSource("allModes")
    void everyNodeHasItsRequestBeforeOneAnswers(Mode mode) {
        Site site = site(mode, 3);
        List<String> keys = site.sort(longKeys(1_800));

        site.onNextOfEach(mode.chunkVerb(), meeting(3));
        assertThat(site.face().getAll(keys).misses()).hasSameSizeAs(keys);

        Map<String, byte[]> values = new LinkedHashMap<>();
        keys.subList(0, 150).forEach(key -> values.put(key, value(key)));
        keys.subList(1_650, 1_800).forEach(key -> values.put(key, value(key)));
        site.onNextOfEach(mode.setVerb(), meeting(2));
        assertThat(site.face().setAll(values).hits()).hasSameSizeAs(values);

        site.onNextOfEach(mode.deleteVerb(), meeting(2));
        assertThat(site.face().deleteAll(values.keySet()).hits()).hasSameSizeAs(values);

        site.onNextOfEach("verbosity", meeting(3));
        assertThat(site.client.admin().verbosity(1).hits()).hasSize(3);
    }

    private static Answer hangUp() {
        return (request, reply, session) -> session.close();
    }

    /**
     * The first node hangs, the second loses its connection once, the third answers. In several modes at once,
     * since each takes its whole time-out.
     */
    @Test
    void nodeThatHangsCostsNoOtherItsAnswersItsTurnOrItsRetry() throws Exception {
        inSomeModes(mode -> {
            Site site = site(mode, 3);
            List<String> keys = site.sort(longKeys(1_800));
            site.fakes.get(0).onEvery(mode.readVerb(), Answer.never());
            site.fakes.get(1).onNext(mode.chunkVerb(), hangUp());

            MultiResult<String, byte[]> result =
                    site.with(Duration.ofSeconds(4)).getAll(keys);

            List<String> lost = keys.subList(0, keys.size() - result.misses().size());
            assertThat(result.failures()).containsOnlyKeys(lost);
            assertThat(result.failures().get(keys.getFirst())).isInstanceOf(MemcachedException.Timeout.class);
            assertThat(result.failures().values())
                    .allSatisfy(e ->
                            assertThat(e.node()).isEqualTo(site.servers.get(0).address()));
            assertThat(site.servers.get(1).connections()).isEqualTo(2);
        });
    }

    @Test
    void nodeThatHangsCostsNoOtherItsWrites() throws Exception {
        inSomeModes(mode -> {
            Site site = site(mode, 3);
            List<String> keys =
                    site.store(IntStream.range(0, 900).mapToObj(i -> "key" + i).toList());
            List<String> lost = site.keysOf(0, keys);
            site.fakes.get(0).onEvery(mode.deleteVerb(), Answer.never());

            MultiResult<String, Boolean> result =
                    site.with(Duration.ofSeconds(3)).deleteAll(keys);

            assertThat(result.failures()).containsOnlyKeys(lost);
            assertThat(result.hits()).hasSize(keys.size() - lost.size());
        });
    }

    @Test
    void commandToAllNodesIsSentAgainWhileOneHangs() throws Exception {
        inSomeModes(mode -> {
            Site site = site(mode, 3);
            site.fakes.get(0).onEvery("version", Answer.never());
            site.fakes.get(1).onNext("version", hangUp());

            MultiResult<String, String> result = site.client
                    .with(CallOptions.timeout(Duration.ofSeconds(4)))
                    .admin()
                    .version();

            assertThat(result.failures()).containsOnlyKeys(site.servers.get(0).address());
            assertThat(result.hits())
                    .containsOnlyKeys(
                            site.servers.get(1).address(), site.servers.get(2).address());
        });
    }

    private interface Scenario {
        void run(Mode mode) throws Exception;
    }

    private static void inSomeModes(Scenario scenario) throws Exception {
        try (var threads = Executors.newCachedThreadPool()) {
            Map<Mode, Future<?>> runs = new LinkedHashMap<>();
            someModes()
                    .forEach(mode -> runs.put(mode, threads.submit(() -> {
                        scenario.run(mode);
                        return null;
                    })));
            for (Map.Entry<Mode, Future<?>> run : runs.entrySet()) {
                assertThat(run.getValue()).as("%s", run.getKey()).succeedsWithin(Duration.ofSeconds(40));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("someModes")
    void nodeThatIsDownFailsItsKeysOnly(Mode mode) {
        Site site = site(mode, 3);
        List<String> keys =
                site.store(IntStream.range(0, 60).mapToObj(i -> "key" + i).toList());
        List<String> lost = site.keysOf(1, keys);
        site.servers.get(1).close();

        MultiResult<String, byte[]> result = site.face().getAll(keys);

        assertThat(result.failures()).containsOnlyKeys(lost);
        assertThat(result.failures().values()).allSatisfy(e -> {
            assertThat(e).isInstanceOf(MemcachedException.NodeUnavailable.class);
            assertThat(e.node()).isEqualTo(site.servers.get(1).address());
        });
        assertThat(result.hits()).hasSize(keys.size() - lost.size());
    }

    @ParameterizedTest
    @MethodSource("someModes")
    void hitsOfALostAttemptCountWhenTheNextIsLostToo(Mode mode) {
        Site site = site(mode, 2);
        List<String> keys =
                site.store(IntStream.range(0, 20).mapToObj(i -> "key" + i).toList());
        List<String> own = site.keysOf(0, keys);
        FakeMemcached fake = site.fakes.getFirst();
        if (mode.classic()) {
            fake.onNext("get", (request, reply, session) -> {
                session.send(Arrays.copyOf(reply, reply.length - "END\r\n".length()));
                session.close();
            });
            fake.onNext("get", hangUp());
        } else {
            own.forEach(key -> fake.onNext("mg", Answer.correct()));
            fake.onNext("mg", Answer.skipped()); // all but the last of the second attempt's
            own.stream().skip(1).forEach(key -> fake.onNext("mg", Answer.skipped()));
            fake.onNext("mn", hangUp()).onNext("mn", hangUp());
        }

        assertAllHits(site.face().getAll(keys), keys);
        assertThat(site.servers.getFirst().connections()).isGreaterThanOrEqualTo(2);
    }

    /** Holds replies back, and goes on reading. */
    private static final class Dam implements Answer {
        private boolean open;
        private int held;
        private final Queue<byte[]> replies = new ArrayDeque<>();
        private Session session;

        @Override
        public synchronized void send(Request request, byte[] reply, Session session) throws Exception {
            this.session = session;
            if (open) {
                session.send(reply);
            } else {
                replies.add(reply);
                held++;
            }
        }

        synchronized int held() {
            return held;
        }

        synchronized void open() throws Exception {
            open = true;
            while (!replies.isEmpty()) {
                session.send(replies.remove());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("someModes")
    void sixteenChunksAreOnTheirWayToEachNodeAndNoMore(Mode mode) throws Exception {
        Site site = site(mode, 2);
        List<String> keys = IntStream.range(0, 4_400).mapToObj(i -> "key" + i).toList();
        List<Dam> dams = List.of(new Dam(), new Dam());
        for (int i = 0; i < dams.size(); i++) {
            site.fakes.get(i).onEvery(mode.chunkVerb(), dams.get(i));
        }

        CompletableFuture<MultiResult<String, byte[]>> all = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> all.complete(site.face().getAll(keys)));

        await().atMost(LONG).until(() -> dams.stream().allMatch(dam -> dam.held() >= WINDOW));
        Thread.sleep(20);
        assertThat(dams).extracting(Dam::held).containsOnly(WINDOW);
        for (Dam dam : dams) {
            dam.open();
        }
        assertThat(all.get(10, TimeUnit.SECONDS).misses()).hasSameSizeAs(keys);
    }

    @ParameterizedTest
    @MethodSource("someModes")
    void ownSizeIsNoReasonToFailOnAnyNode(Mode mode) {
        Site site = site(
                mode,
                3,
                LONG,
                more -> more.maxQueuedPerNode(1).maxInFlightPerConnection(1).ringBytes(64 << 10));
        List<String> keys = site.store(longKeys(150));

        assertAllHits(site.face().getAll(keys), keys);
        assertThat(site.face().deleteAll(keys).failures()).isEmpty();
    }

    /** The nodes read no further while they cannot send: writing must not keep anybody from reading. */
    @ParameterizedTest
    @MethodSource("someModes")
    void requestsAndRepliesLargerThanAllBuffersPassEachOther(Mode mode) throws Exception {
        Site site = site(mode, 2);
        Map<String, byte[]> values = new LinkedHashMap<>();
        for (int i = 0; i < 20; i++) {
            values.put("large" + i, KeyTaggedValues.make("large" + i, 700_000, i));
        }
        assertThat(site.face().setAll(values).hits()).hasSize(values.size());
        try (var threads = Executors.newCachedThreadPool()) {
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                calls.add(threads.submit(() -> assertAllHits(site.face().getAll(values.keySet()), values.keySet())));
                calls.add(threads.submit(
                        () -> assertThat(site.face().setAll(values).hits()).hasSize(values.size())));
            }
            for (Future<?> call : calls) {
                call.get(30, TimeUnit.SECONDS);
            }
        }
    }

    private enum Blocked {
        SYNC,
        VIRTUAL,
        ADMIN
    }

    /**
     * The loop of the second and the fourth node is stuck in a callback of the fourth, so nobody but the caller reads what
     * the second has answered, when the deadline ends the wait for the first.
     */
    @ParameterizedTest
    @EnumSource
    void repliesThatAreHereAtTheDeadlineCount(Blocked how) throws Exception {
        Mode mode = new Mode(how == Blocked.VIRTUAL ? Kind.VIRTUAL : Kind.SYNC, false, Driver.caller());
        Site site = site(mode, 4, LONG, more -> more.eventLoops(2));
        List<String> keys =
                site.store(IntStream.range(0, 80).mapToObj(i -> "key" + i).toList());
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        DirectRequest request = site.client.direct().newRequest(reply -> {
            stuck.countDown();
            try {
                free.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        try {
            String key = site.keysOf(3, keys).getFirst();
            request.key(MemorySegment.ofArray(key.getBytes(UTF_8))).get();
            assertThat(stuck.await(10, TimeUnit.SECONDS)).isTrue();
            await().until(() -> site.client.health().loops().stream()
                    .anyMatch(loop -> loop.state() == ClientHealth.State.STUCK)); // before that, it is believed to come
            List<String> here = site.keysOf(1, keys);

            if (how == Blocked.ADMIN) {
                site.fakes.getFirst().onEvery("version", Answer.never());
                assertThat(site.client
                                .with(CallOptions.timeout(Duration.ofSeconds(2)))
                                .admin()
                                .version()
                                .hits())
                        .containsKeys(
                                site.servers.get(1).address(),
                                site.servers.get(2).address());
            } else {
                site.fakes.getFirst().onEvery("mg", Answer.never());
                List<String> asked = new ArrayList<>(site.keysOf(0, keys));
                asked.addAll(here);
                MultiResult<String, byte[]> result =
                        site.with(Duration.ofSeconds(2)).getAll(asked);
                assertThat(result.failures()).containsOnlyKeys(site.keysOf(0, keys));
                assertThat(result.hits()).containsOnlyKeys(here);
            }
        } finally {
            free.countDown();
        }
    }
}
