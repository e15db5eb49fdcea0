package io.emcache.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.ClientEvent;
import io.emcache.ClientHealth.Loop;
import io.emcache.ClientHealth.State;
import io.emcache.internal.telemetry.EventDispatcher;
import io.emcache.testkit.NoLeaks;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

@NoLeaks
class LoopWatchTest {
    private final List<Loop> loops = new ArrayList<>();
    private final ConcurrentLinkedQueue<ClientEvent> heard = new ConcurrentLinkedQueue<>();

    private void look(LoopWatch watch, Loop... now) {
        loops.clear();
        loops.addAll(List.of(now));
        watch.run();
    }

    @Test
    void everyTurnThatIsStuckIsToldOnce() {
        try (EventDispatcher dispatcher = new EventDispatcher()) {
            dispatcher.listen(heard::add);
            LoopWatch watch = new LoopWatch(() -> loops, dispatcher);
            look(watch, new Loop("a", State.RUNNING, 1), new Loop("b", State.IDLE, 1));
            look(watch, new Loop("a", State.STUCK, 2), new Loop("b", State.IDLE, 1));
            look(watch, new Loop("a", State.STUCK, 2), new Loop("b", State.ENDED, 1));
            look(watch, new Loop("a", State.RUNNING, 3), new Loop("b", State.STUCK, 2));
            look(watch, new Loop("a", State.STUCK, 4));
            await().until(() -> heard.size() == 3);
        }
        assertThat(heard)
                .containsExactly(
                        new ClientEvent.LoopStuck("a"), new ClientEvent.LoopStuck("b"), new ClientEvent.LoopStuck("a"));
    }
}
