package io.emcache.internal.transport;

import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.agrona.DeadlineTimerWheel;
import org.agrona.collections.Long2ObjectHashMap;

/**
 * When each lane wants to be looked after next: one timer a lane on Agrona's wheel. Belongs to the event loop.
 *
 * <p>A timer that is moved to a later time stays where it is, fires early and is set again, so that the busy path never
 * touches the wheel.
 */
final class LoopTimers implements DeadlineTimerWheel.TimerHandler {
    private static final long TICK_NS = 1 << 20;
    private static final int TICKS = 1024;
    private static final long ROUND_NS = TICK_NS * TICKS;
    private static final int EXPIRY_LIMIT = 64;

    private long earliestNs = Long.MAX_VALUE;
    private long nowNs;

    private final DeadlineTimerWheel wheel;
    private final Long2ObjectHashMap<Timer> timers = new Long2ObjectHashMap<>();
    private final DeadlineTimerWheel.TimerConsumer minimum =
            (deadline, timerId) -> earliestNs = Math.min(earliestNs, deadline);

    /** The timer of one lane. */
    static final class Timer {
        private long id;
        private long atNs = Long.MAX_VALUE;
        private final LongConsumer alarm;

        /**
         * @param alarm is told the time when it has come
         */
        Timer(LongConsumer alarm) {
            this.alarm = alarm;
        }
    }

    LoopTimers(long nowNs) {
        this.wheel = new DeadlineTimerWheel(TimeUnit.NANOSECONDS, nowNs, TICK_NS, TICKS);
    }

    /** When the next timer fires, at the earliest. */
    long earliestNs() {
        return earliestNs;
    }

    /** Fires then at the latest; returns when it will. */
    long set(Timer timer, long atNs) {
        if (atNs >= timer.atNs) {
            return timer.atNs;
        }
        if (timer.atNs != Long.MAX_VALUE) {
            timers.remove(timer.id);
            wheel.cancelTimer(timer.id);
        }
        timer.atNs = atNs;
        timer.id = wheel.scheduleTimer(atNs);
        timers.put(timer.id, timer);
        earliestNs = Math.min(earliestNs, atNs);
        return atNs;
    }

    void remove(Timer timer) {
        if (timer.atNs != Long.MAX_VALUE) {
            timers.remove(timer.id);
            wheel.cancelTimer(timer.id);
            timer.atNs = Long.MAX_VALUE;
        }
    }

    /** Fires what is due; returns how many did. */
    int run(long nowNs) {
        if (nowNs < earliestNs) {
            return 0;
        }
        this.nowNs = nowNs;
        wheel.currentTickTime(nowNs - ROUND_NS); // one round looks into every tick, however long ago the last run was
        int fired = 0;
        int expired;
        boolean now;
        do {
            now = nowNs < wheel.currentTickTime();
            expired = wheel.poll(nowNs, this, EXPIRY_LIMIT);
            fired += expired;
        } while (!now || expired == EXPIRY_LIMIT);
        earliestNs = Long.MAX_VALUE;
        wheel.forEach(minimum);
        return fired;
    }

    @Override
    public boolean onTimerExpiry(TimeUnit timeUnit, long nowNs, long timerId) {
        Timer timer = timers.remove(timerId);
        if (timer != null) {
            timer.atNs = Long.MAX_VALUE;
            timer.alarm.accept(this.nowNs);
        }
        return true;
    }
}
