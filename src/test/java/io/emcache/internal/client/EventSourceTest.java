package io.emcache.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.ClientEvent;
import io.emcache.ClientEvent.CallbackFailed;
import io.emcache.ClientEvent.CallbackSlow;
import io.emcache.ClientEvent.NoReplyFailed;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.telemetry.EventDispatcher;
import io.emcache.internal.transport.Outcome;
import io.emcache.internal.transport.Slot;
import io.emcache.testkit.NoLeaks;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

@NoLeaks
class EventSourceTest {
    @Test
    void eventsSayWhatTheTransportTold() {
        ConcurrentLinkedQueue<ClientEvent> heard = new ConcurrentLinkedQueue<>();
        IllegalStateException failure = new IllegalStateException("as the test wants");
        try (EventDispatcher dispatcher = new EventDispatcher()) {
            EventSource source = new EventSource(dispatcher);
            source.callbackFailed(failure);
            dispatcher.listen(heard::add);
            source.noReplyFailed(
                    "n1", OpCode.SET, Outcome.of(Outcome.SERVER_ERROR, Slot.SENT), "SERVER_ERROR no\tmemory");
            source.noReplyFailed("n2", OpCode.DELETE, Outcome.of(Outcome.LOST, Slot.SENT), null);
            source.noReplyFailed("n3", OpCode.INCREMENT, Outcome.of(Outcome.UNSENT, Slot.QUEUED), null);
            source.callbackFailed(failure);
            source.callbackSlow(1_500_000);
            await().until(() -> heard.size() == 5);
        }
        assertThat(heard)
                .containsExactly(
                        new NoReplyFailed("n1", "set", "SERVER_ERROR no?memory", false),
                        new NoReplyFailed("n2", "delete", "the connection was lost", true),
                        new NoReplyFailed("n3", "increment", "the node does not answer", false),
                        new CallbackFailed(failure),
                        new CallbackSlow(Duration.ofNanos(1_500_000)));
    }
}
