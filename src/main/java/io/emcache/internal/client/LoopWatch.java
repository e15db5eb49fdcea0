package io.emcache.internal.client;

import io.emcache.ClientEvent;
import io.emcache.ClientHealth;
import io.emcache.internal.telemetry.EventDispatcher;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Makes an event of each turn of an event loop that lasts too long, once. Used by one thread at a time. */
final class LoopWatch implements Runnable {
    private final Supplier<List<ClientHealth.Loop>> loops;
    private final EventDispatcher events;
    private final Map<String, Long> toldTurns = new HashMap<>();

    LoopWatch(Supplier<List<ClientHealth.Loop>> loops, EventDispatcher events) {
        this.loops = loops;
        this.events = events;
    }

    @Override
    public void run() {
        for (ClientHealth.Loop loop : loops.get()) {
            if (loop.state() == ClientHealth.State.STUCK) {
                Long told = toldTurns.put(loop.name(), loop.turns());
                if (told == null || told != loop.turns()) {
                    events.publish(new ClientEvent.LoopStuck(loop.name()));
                }
            }
        }
    }
}
