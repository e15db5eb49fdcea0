package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.Credentials;
import io.emcache.NodeAddress;
import io.emcache.TlsOptions;
import io.emcache.internal.memory.MemoryTag;
import io.emcache.internal.memory.SlabPool;
import io.emcache.spi.CredentialsProvider;
import io.emcache.testkit.NoLeaks;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Steps that end, fail, or are given up while they run; and places for those that shake hands. */
@NoLeaks
final class HandshakeTest {
    private static final NodeAddress NODE = NodeAddress.tcp("localhost", 11211);
    private static final Credentials CREDENTIALS = Credentials.of("user", "secret".toCharArray());

    private final SlabPool slabs = new SlabPool(1 << 24);
    private final Queue<Runnable> background = new ArrayDeque<>();
    private final AtomicInteger steps = new AtomicInteger();
    private SocketChannel client;
    private SocketChannel server;

    @BeforeEach
    void connect() throws IOException {
        try (ServerSocketChannel listener = ServerSocketChannel.open()) {
            listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            client = SocketChannel.open(listener.getLocalAddress());
            client.configureBlocking(false);
            server = listener.accept();
        }
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        server.close();
        assertThat(MemoryTag.TLS.usedBytes()).isZero();
        slabs.close();
    }

    private Handshake handshake(Security security) {
        return new Handshake(security, NODE, client, background::add, steps::incrementAndGet);
    }

    private Security security(@Nullable CredentialsProvider provider) {
        return new Security(null, provider, slabs);
    }

    private Security encrypted() {
        return new Security(TlsOptions.builder().build(), null, slabs);
    }

    @Test
    void asksForCredentialsInTheBackground() throws IOException {
        Handshake handshake = handshake(security(node -> CREDENTIALS));
        handshake.step();
        assertThat(handshake.isRunning()).isTrue();
        background.remove().run();
        assertThat(handshake.isRunning()).isFalse();
        assertThat(steps).hasValue(1);
        assertThat(handshake.interest()).isZero();
        assertThat(handshake.takeStream()).isInstanceOf(PlainStream.class);
        assertThat(handshake.takeLogin()).isNotNull();
        assertThat(handshake.takeLogin()).isNull();
    }

    @Test
    void aProviderThatFailsIsAFailureToAuthenticate() {
        IOException cause = new IOException("vault is sealed");
        Handshake handshake = handshake(security(node -> {
            throw cause;
        }));
        handshake.step();
        background.remove().run();
        assertThatThrownBy(handshake::interest)
                .isInstanceOf(AuthenticationException.class)
                .hasCause(cause);
        handshake.giveUp();
    }

    @Test
    void encryptionWaitsForTheServer() throws IOException {
        Handshake handshake = handshake(encrypted());
        handshake.step();
        background.remove().run();
        assertThat(handshake.interest()).isEqualTo(SelectionKey.OP_READ);
        assertThat(MemoryTag.TLS.usedBytes()).isPositive();
        handshake.giveUp();
        assertThat(client.isOpen()).isFalse();
    }

    @Test
    void givenUpBeforeAStepHasRunItGivesBackWhatItTook() {
        Handshake handshake = handshake(encrypted());
        handshake.step();
        handshake.giveUp();
        assertThat(handshake.isLingering()).isTrue();
        background.remove().run();
        assertThat(handshake.isLingering()).isFalse();
        assertThat(steps).hasValue(0);
    }

    @Test
    void givenUpBetweenStepsItTakesNothingElse() throws IOException {
        Handshake handshake = handshake(encrypted());
        handshake.step();
        background.remove().run();
        client.close();
        handshake.giveUp();
        handshake.giveUp();
        assertThat(handshake.isLingering()).isFalse();
    }

    @Test
    void credentialsThatNobodyTookAreWiped() {
        List<Login> made = new ArrayList<>();
        Security security = security(node -> CREDENTIALS);
        Handshake handshake = handshake(security);
        handshake.step();
        background.remove().run();
        Login login = handshake.takeLogin();
        made.add(login);
        assertThat(login.command()).isNotEmpty();
        Greeting greeting = new Greeting();
        greeting.begin(login);
        greeting.end();
        assertThat(made.getFirst().command()).containsOnly(0);
        handshake.giveUp();
    }

    @Test
    void withoutAThreadThereIsNoStep() {
        Handshake handshake = new Handshake(
                security(node -> CREDENTIALS),
                NODE,
                client,
                task -> {
                    throw new RejectedExecutionException("full");
                },
                steps::incrementAndGet);
        assertThatThrownBy(handshake::step).isInstanceOf(RejectedExecutionException.class);
        assertThat(handshake.isRunning()).isFalse();
        handshake.giveUp();
    }

    @Test
    void aUnixSocketIsNotSpokenToInTheClear() {
        Security security = encrypted();
        assertThatThrownBy(() -> security.stream(NodeAddress.parse("unix:/tmp/x"), client))
                .isInstanceOf(TlsException.class);
    }

    @Test
    void aProviderThatNeverAnswersKeepsSoManyThreadsAndNoMore() throws InterruptedException {
        CountDownLatch answer = new CountDownLatch(1);
        Semaphore asked = new Semaphore(0);
        Security security = security(node -> {
            asked.release();
            answer.await();
            return CREDENTIALS;
        });
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            threads.add(Thread.ofVirtual().start(() -> security.loginUnlessStuck(NODE)));
        }
        assertThat(asked.tryAcquire(16, 10, TimeUnit.SECONDS)).isTrue();
        assertThatThrownBy(() -> security.loginUnlessStuck(NODE))
                .isInstanceOf(AuthenticationException.class)
                .hasMessageContaining("still blocks");
        answer.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(security.loginUnlessStuck(NODE)).isNotNull();
    }

    @Test
    void placesAreBounded() {
        Security security = encrypted();
        int entered = 0;
        while (security.enter(steps::incrementAndGet).isGiven()) {
            entered++;
        }
        assertThat(entered).isEqualTo(16);
    }

    @Test
    void withoutEncryptionThereAreAsManyPlacesAsYouLike() {
        Security security = security(null);
        for (int i = 0; i < 100; i++) {
            assertThat(security.enter(() -> {}).isGiven()).isTrue();
        }
        assertThat(security.isNone()).isTrue();
    }
}
