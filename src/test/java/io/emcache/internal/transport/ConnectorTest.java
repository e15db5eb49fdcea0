package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The test is the loop, the name service and the clock. */
class ConnectorTest {
    private static final long DEADLINE_NS = 1000;

    private final Deque<Runnable> lookups = new ArrayDeque<>();
    private int asked;
    private int answers;
    private SocketAddress[] service = addresses("a", "b", "c");

    private final Connector connector = new Connector("host", false, this::ask, lookups::add, () -> answers++);

    private static SocketAddress address(String name) {
        return UnixDomainSocketAddress.of(name);
    }

    private static SocketAddress[] addresses(String... names) {
        return Stream.of(names).map(ConnectorTest::address).toArray(SocketAddress[]::new);
    }

    private SocketAddress[] ask() throws IOException {
        asked++;
        if (service.length == 0) {
            throw new UnknownHostException("host");
        }
        return service;
    }

    private void answer() {
        lookups.remove().run();
    }

    private void begin(long nowNs) {
        connector.begin(nowNs, nowNs + DEADLINE_NS);
    }

    @Test
    void allAddressesAreTriedInTurnEachWithItsShareOfTheTime() throws IOException {
        begin(0);
        assertThat(connector.next(0)).isNull();
        answer();
        assertThat(answers).isOne();
        assertThat(connector.next(100)).isEqualTo(address("a"));
        assertThat(connector.untilNs()).isEqualTo(400);
        assertThat(connector.hasNext(400)).isTrue();
        assertThat(connector.next(400)).isEqualTo(address("b"));
        assertThat(connector.untilNs()).isEqualTo(700);
        assertThat(connector.next(500)).isEqualTo(address("c"));
        assertThat(connector.untilNs()).isEqualTo(1000);
        assertThat(connector.hasNext(600)).isFalse();
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> connector.next(600));
    }

    @Test
    void whatIsWaitedForBesideTheAddressIsNotTakenFromItsShare() throws IOException {
        begin(0);
        answer();
        connector.next(0);
        assertThat(connector.untilNs()).isEqualTo(333);
        connector.pause(100);
        assertThat(connector.untilNs()).isEqualTo(DEADLINE_NS);
        connector.resume(600);
        connector.resume(700);
        assertThat(connector.untilNs()).isEqualTo(833);
        connector.pause(700);
        connector.resume(950);
        assertThat(connector.untilNs()).isEqualTo(DEADLINE_NS);
    }

    @Test
    void theNextAttemptBeginsWithTheAddressThatWorked() throws IOException {
        begin(0);
        answer();
        connector.next(0);
        connector.next(0);
        connector.succeeded();
        begin(2000);
        answer();
        assertThat(connector.next(2000)).isEqualTo(address("b"));
        assertThat(connector.next(2000)).isEqualTo(address("c"));
        assertThat(connector.next(2000)).isEqualTo(address("a"));
    }

    @Test
    void theNextAttemptBeginsWithAnotherAddressAfterAFailure() throws IOException {
        begin(0);
        answer();
        connector.next(0);
        connector.failed();
        begin(2000);
        answer();
        assertThat(connector.next(2000)).isEqualTo(address("b"));
        connector.next(2000);
        connector.next(2000);
        connector.failed();
        begin(4000);
        answer();
        assertThat(connector.next(4000)).isEqualTo(address("c"));
    }

    @Test
    void aLookupThatHangsIsNotAskedAgainAndFailsEachAttemptInTime() throws IOException {
        for (int attempt = 0; attempt < 5; attempt++) {
            long nowNs = attempt * 5000L;
            begin(nowNs);
            assertThat(connector.next(nowNs)).isNull();
            assertThat(connector.untilNs()).isEqualTo(nowNs + DEADLINE_NS);
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> connector.next(nowNs + DEADLINE_NS))
                    .withMessageContaining("host");
        }
        assertThat(lookups).hasSize(1);
        answer();
        begin(30_000);
        assertThat(lookups).as("the late answer is old").hasSize(1);
        answer();
        assertThat(connector.next(30_000)).isEqualTo(address("a"));
        assertThat(asked).isEqualTo(2);
    }

    @Test
    void knownAddressesServeWhileTheNameServiceHangsOrFails() throws IOException {
        begin(0);
        answer();
        connector.next(0);
        connector.succeeded();
        begin(2000);
        assertThat(connector.next(2000)).isNull();
        assertThat(connector.untilNs()).isEqualTo(2250);
        assertThat(connector.next(2250)).isEqualTo(address("a"));
        service = addresses();
        answer();
        begin(4000);
        answer();
        assertThat(connector.next(4000)).isEqualTo(address("a"));
    }

    @Test
    void aNewAnswerReplacesTheOld() throws IOException {
        begin(0);
        answer();
        connector.next(0);
        connector.succeeded();
        service = addresses("d");
        begin(2000);
        answer();
        assertThat(connector.next(2000)).isEqualTo(address("d"));
    }

    @Test
    void anUnknownHostAndAnExecutorThatRefusesFailTheAttempt() {
        service = addresses();
        begin(0);
        answer();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> connector.next(0))
                .withCauseInstanceOf(UnknownHostException.class);
        Connector refused = new Connector(
                "host",
                false,
                this::ask,
                task -> {
                    throw new RejectedExecutionException("full");
                },
                () -> {});
        refused.begin(0, DEADLINE_NS);
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> refused.next(0))
                .withCauseInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void anAddressThatIsNoNameAsksNobody() throws IOException {
        Connector literal = new Connector("::1", true, this::ask, lookups::add, () -> answers++);
        literal.begin(0, DEADLINE_NS);
        assertThat(literal.next(0)).isEqualTo(address("a"));
        assertThat(lookups).isEmpty();
    }
}
