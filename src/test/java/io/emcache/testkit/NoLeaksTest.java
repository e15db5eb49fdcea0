package io.emcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.condition.OS.LINUX;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.emcache.internal.memory.MemoryTag;
import java.io.Closeable;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

final class NoLeaksTest {
    private static final Duration SHORT = Duration.ofMillis(50);
    /** What the test classes below leave open; closed here. */
    private static final ConcurrentLinkedQueue<Closeable> LEFT = new ConcurrentLinkedQueue<>();

    @AfterEach
    void closeWhatWasLeft() throws IOException {
        for (Closeable left = LEFT.poll(); left != null; left = LEFT.poll()) {
            left.close();
        }
    }

    private static ServerSocket openSocket() throws IOException {
        ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        LEFT.add(socket);
        return socket;
    }

    private static Closeable startThread(String name) {
        AtomicBoolean ended = new AtomicBoolean();
        Thread thread = Thread.ofPlatform().name(name).start(() -> TestThreads.await(TestThreads.GUARD, ended::get));
        Closeable end = () -> {
            ended.set(true);
            assertThat(TestThreads.stop(thread)).isTrue();
        };
        LEFT.add(end);
        return end;
    }

    @NoLeaks
    static final class LeavesSocket {
        @Test
        void test() throws IOException {
            openSocket();
        }
    }

    @NoLeaks
    static final class LeavesSelector {
        @Test
        void test() throws IOException {
            LEFT.add(Selector.open());
        }
    }

    @NoLeaks
    static final class LeavesThread {
        @Test
        void test() {
            startThread("emcache-left-alone");
        }
    }

    static final class LeavesSocketInMarkedMethod {
        @Test
        @NoLeaks
        void marked() throws IOException {
            openSocket();
        }

        @Test
        void unmarked() throws IOException {
            openSocket();
        }
    }

    @NoLeaks
    static final class ClosesInAfterEach {
        private final Map<String, Closeable> opened = new ConcurrentHashMap<>();

        @BeforeEach
        void open() throws IOException {
            opened.put("socket", openSocket());
            opened.put("thread", startThread("emcache-ended"));
        }

        @Test
        void test() throws IOException {
            opened.put("selector", Selector.open());
        }

        @AfterEach
        void close() throws IOException {
            for (Closeable each : opened.values()) {
                each.close();
            }
        }
    }

    @NoLeaks
    static final class ClosesSoonAfter {
        @Test
        void test() throws IOException {
            ServerSocket socket = openSocket();
            TestThreads.startDaemon("closes-soon", () -> {
                TestThreads.sleepMs(20);
                TestThreads.close(socket);
            });
        }
    }

    @NoLeaks(NoLeaks.Scope.CLASS)
    static final class ClosesInAfterAll {
        @Test
        void test() throws IOException {
            openSocket();
        }

        @AfterAll
        static void close() throws IOException {
            for (Closeable each : LEFT) {
                each.close();
            }
        }
    }

    @NoLeaks(NoLeaks.Scope.CLASS)
    static final class LeavesSocketInClass {
        @Test
        void test() throws IOException {
            openSocket();
        }
    }

    private static Stream<String> failures(Events events) {
        return events.failed().stream()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class)
                        .getThrowable()
                        .orElseThrow()
                        .getMessage());
    }

    private static EngineExecutionResults run(Class<?> testClass, Duration wait) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(testClass))
                .configurationParameter(NoLeaksExtension.WAIT_MS, Long.toString(wait.toMillis()))
                .execute();
    }

    private static List<String> testFailures(Class<?> testClass) {
        return failures(run(testClass, SHORT).testEvents()).toList();
    }

    @Test
    @EnabledOnOs(LINUX)
    void leftSocketFailsTheTest() {
        assertThat(testFailures(LeavesSocket.class))
                .singleElement()
                .asString()
                .contains("left behind", "socket:[", "fd");
    }

    @Test
    @EnabledOnOs(LINUX)
    void leftSelectorFailsTheTest() {
        assertThat(testFailures(LeavesSelector.class))
                .singleElement()
                .asString()
                .contains("anon_inode:[eventpoll]", "anon_inode:[eventfd]");
    }

    @Test
    void leftThreadFailsTheTestAndShowsItsStack() {
        assertThat(testFailures(LeavesThread.class))
                .singleElement()
                .asString()
                .contains("thread emcache-left-alone", "at java.base/java.lang.Thread.sleep");
    }

    @Test
    @EnabledOnOs(LINUX)
    void onlyMarkedMethodsAreChecked() {
        assertThat(testFailures(LeavesSocketInMarkedMethod.class)).hasSize(1);
    }

    @Test
    void whatAfterEachClosesIsNoLeak() {
        assertThat(failures(run(ClosesInAfterEach.class, TestThreads.GUARD).allEvents()))
                .isEmpty();
    }

    @Test
    void whatIsClosedSoonAfterIsNoLeak() {
        assertThat(failures(run(ClosesSoonAfter.class, TestThreads.GUARD).allEvents()))
                .isEmpty();
    }

    @Test
    void classScopeLooksAfterTheLastTest() {
        assertThat(failures(run(ClosesInAfterAll.class, TestThreads.GUARD).allEvents()))
                .isEmpty();
    }

    @Test
    @EnabledOnOs(LINUX)
    void leftSocketFailsTheClass() {
        Events events = run(LeavesSocketInClass.class, SHORT).containerEvents();
        assertThat(failures(events)).singleElement().asString().contains("socket:[");
    }

    @Test
    void leftBytesAreNamedByTag() {
        Map<MemoryTag, Long> used = new ConcurrentHashMap<>(Map.of(MemoryTag.LANE, 10L));
        ResourceSnapshot before = ResourceSnapshot.take(tag -> used.getOrDefault(tag, 0L));
        used.put(MemoryTag.VALUE, 4096L);
        used.put(MemoryTag.LANE, 5L);
        assertThatThrownBy(() -> before.requireNothingLeft(SHORT))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("memory VALUE 4096 bytes")
                .hasMessageNotContaining("LANE");
        used.put(MemoryTag.VALUE, 0L);
        assertThatCode(() -> before.requireNothingLeft(SHORT)).doesNotThrowAnyException();
    }

    @Test
    void bytesComeFromTheMemoryTags() throws Exception {
        Method add = MemoryTag.class.getDeclaredMethod("add", long.class);
        add.setAccessible(true);
        ResourceSnapshot before = ResourceSnapshot.take();
        add.invoke(MemoryTag.VALUE, 77);
        try {
            assertThatThrownBy(() -> before.requireNothingLeft(SHORT)).hasMessageContaining("memory VALUE 77 bytes");
        } finally {
            add.invoke(MemoryTag.VALUE, -77);
        }
    }

    @Test
    void interruptedTestIsGivenItsTimeToo() throws Exception {
        ResourceSnapshot before = ResourceSnapshot.take();
        Closeable thread = startThread("emcache-ends-soon");
        TestThreads.startDaemon("ends-soon", () -> {
            TestThreads.sleepMs(20);
            TestThreads.close(thread);
        });
        Thread.currentThread().interrupt();
        assertThatCode(() -> before.requireNothingLeft(TestThreads.GUARD)).doesNotThrowAnyException();
        assertThat(Thread.interrupted()).isTrue();
    }

    /** The first use of many parts of the JDK and of the kit, in a fresh process. */
    static final class FirstUse {
        public static void main(String[] args) throws Exception {
            ResourceSnapshot before = ResourceSnapshot.take();
            try (ScriptedServer server = ScriptedServer.start(new FakeMemcached());
                    FaultProxy proxy = FaultProxy.start(server.port());
                    var executor = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 20; i++) {
                    assertThat(executor.submit(() -> useSocket(proxy.port())).get())
                            .isEqualTo("MN\r\n");
                }
                proxy.resetAll();
            }
            try (MemcachedServer real = MemcachedServer.start();
                    Selector selector = Selector.open()) {
                assertThat(real.command("mn")).isEqualTo("MN");
                assertThat(selector.selectNow()).isZero();
            }
            before.requireNothingLeft(TestThreads.GUARD);
        }

        private static String useSocket(int port) throws IOException {
            try (RawClient client = new RawClient(port)) {
                return client.send("mn\r\n").readLine();
            }
        }
    }

    @Test
    void whatTheJdkKeepsIsNoLeak() {
        ChildJvm.Result result = ChildJvm.run(FirstUse.class, List.of());
        assertThat(result.stderr()).isEmpty();
        assertThat(result.exitCode()).isZero();
    }
}
