package io.emcache.internal.transport;

import io.emcache.Driver;
import io.emcache.NodeAddress;
import io.emcache.internal.memory.SlabPool;
import io.emcache.internal.protocol.OpCode;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.Race;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Owner, driver and event loop at the same slot. */
@NoLeaks
class SlotRaceTest {
    private static final int DUE = 1;
    private static final int LATER = 2;

    private final SlabPool slabs = new SlabPool(16 << 20);
    private final Transport transport =
            new Transport(Driver.invoked(), 1, TestLanes.settings(slabs), ForkJoinPool.commonPool(), Runnable::run);
    private final Lane lane = transport.open(NodeAddress.parse("127.0.0.1:1"), TestLanes.owner(), 0);

    @AfterEach
    void close() {
        transport.close();
        slabs.close();
    }

    private Slot pending() {
        Slot slot = new Slot(lane, 0);
        slot.open(OpCode.GET, 0, DUE, null);
        return slot;
    }

    @Test
    void replyOrOwnerIsFirst() {
        new Race<>("finish, abandon", this::pending)
                .actor(Slot::finish)
                .actor(slot -> slot.abandon(slot.generation()))
                .arbiter(slot -> slot.isDone() ? "done" : slot.isAbandoned() ? "abandoned" : "neither")
                .forbid("both or neither", outcome -> outcome.get(0).equals(outcome.get(1)))
                .forbid(
                        "the state is another's",
                        outcome -> outcome.get(0).equals(true) != outcome.get(2).equals("done"))
                .mustOccur("the reply first", outcome -> outcome.get(0).equals(true))
                .mustOccur("the owner first", outcome -> outcome.get(1).equals(true))
                .run();
    }

    @Test
    void twoDriversAndAnOwnerNeverBothEndIt() {
        new Race<>("finish, abandon, abandon", this::pending)
                .actor(Slot::finish)
                .actor(slot -> slot.abandon(slot.generation()))
                .actor(slot -> slot.abandon(slot.generation()))
                .forbid(
                        "not exactly one",
                        outcome -> outcome.seen().stream()
                                        .filter(Boolean.TRUE::equals)
                                        .count()
                                != 1)
                .mustOccur("the reply first", outcome -> outcome.get(0).equals(true))
                .mustOccur("one of the others first", outcome -> outcome.get(2).equals(true))
                .run();
    }

    @Test
    void whoSeesTheEndSeesTheResult() {
        new Race<>("finish with a result, look", this::pending)
                .actor(slot -> {
                    slot.value = new byte[1];
                    slot.outcome = Outcome.HIT;
                    return slot.finish();
                })
                .actor(slot -> {
                    if (!slot.isDone()) {
                        return "not yet";
                    }
                    return slot.outcome() == Outcome.HIT && slot.value() != null ? "all" : "a part";
                })
                .forbid("done without its result", outcome -> outcome.get(1).equals("a part"))
                .mustOccur("seen", outcome -> outcome.get(1).equals("all"))
                .mustOccur("not seen yet", outcome -> outcome.get(1).equals("not yet"))
                .run();
    }

    /** The driver asks before it sends, and gives the slot on at once if nobody waits. */
    @Test
    void whatIsSentIsNeverCalledUnsent() {
        new Race<>("claim for sending, abandon", this::pending)
                .actor(slot -> {
                    boolean sends = slot.claimForSending();
                    if (!sends) {
                        slot.clear();
                        slot.open(OpCode.GET, 0, DUE, null);
                    }
                    return sends ? "sends" : "drops";
                })
                .actor(SlotRaceTest::giveUp)
                .forbid("sent, and called unsent", outcome -> outcome.toString().startsWith("[sends, unsent"))
                .mustOccur("sent", outcome -> outcome.toString().startsWith("[sends, sent"))
                .mustOccur("dropped", outcome -> outcome.toString().startsWith("[drops, unsent"))
                .run();
    }

    /** The reply to a command that was given up frees the slot for somebody whose command waits in the ring. */
    @Test
    void whatIsSentIsNeverCalledUnsentThoughTheSlotHasANewOwner() {
        new Race<>("claim for sending and reply, abandon", this::pending)
                .actor(slot -> {
                    if (!slot.claimForSending()) {
                        return "drops";
                    }
                    Race.pause();
                    if (slot.finish()) {
                        return "answers";
                    }
                    slot.clear();
                    slot.open(OpCode.GET, 0, DUE, null);
                    return "sends";
                })
                .actor(SlotRaceTest::giveUp)
                .forbid("sent, and called unsent", outcome -> outcome.toString().startsWith("[sends, unsent"))
                .forbid(
                        "answered and given up",
                        outcome -> outcome.get(0).equals("answers")
                                && !outcome.get(1).equals("too late"))
                .mustOccur("sent", outcome -> outcome.toString().startsWith("[sends, sent"))
                .mustOccur("answered", outcome -> outcome.toString().startsWith("[answers, too late"))
                .run();
    }

    private static Object giveUp(Slot slot) {
        int generation = 1;
        if (!slot.abandon(generation)) {
            return "too late";
        }
        Race.pause();
        return slot.phaseWhenAbandoned(generation) == Slot.QUEUED ? "unsent" : "sent";
    }

    /** As the loop does it: what it read of the slot must belong to the use of the slot that it gives up. */
    @Test
    void loopGivesUpOnlyTheUseThatItLookedAt() {
        new Race<>("expire, finish and open", () -> new Used(lane))
                .actor(used -> {
                    Slot slot = used.slot;
                    int generation = slot.generation();
                    Race.pause();
                    Completion completion = slot.completion;
                    long deadlineNs = slot.deadlineNs;
                    if (completion == null || !slot.isPending(generation) || deadlineNs > DUE) {
                        return "nothing due";
                    }
                    Race.pause();
                    return slot.abandon(generation) ? "gives up " + used.nameOf(completion, generation) : "too late";
                })
                .actor(used -> used.replace(used.second, DUE))
                .arbiter(used -> used.slot.isPending() ? "pending" : used.slot.isAbandoned() ? "abandoned" : "else")
                .forbid("given up for another", outcome -> outcome.toString().contains("another"))
                .forbid(
                        "answered and given up",
                        outcome -> outcome.get(0).equals("gives up first")
                                && outcome.get(1).equals("answered"))
                .mustOccur("the first", outcome -> outcome.get(0).equals("gives up first"))
                .mustOccur("the second", outcome -> outcome.get(0).equals("gives up second"))
                .mustOccur(
                        "too late",
                        outcome -> outcome.get(0).equals("too late")
                                || outcome.get(0).equals("nothing due"))
                .run();
    }

    @Test
    void loopLeavesALaterDeadlineAlone() {
        new Race<>("expire, finish and open for later", () -> new Used(lane))
                .actor(used -> {
                    Slot slot = used.slot;
                    int generation = slot.generation();
                    Race.pause();
                    Completion completion = slot.completion;
                    long deadlineNs = slot.deadlineNs;
                    if (completion == null || !slot.isPending(generation) || deadlineNs > DUE) {
                        return "nothing due";
                    }
                    Race.pause();
                    return slot.abandon(generation) ? "gives up " + used.nameOf(completion, generation) : "too late";
                })
                .actor(used -> used.replace(used.second, LATER))
                .forbid("given up early", outcome -> outcome.get(0).toString().contains("second"))
                .forbid("given up for another", outcome -> outcome.toString().contains("another"))
                .mustOccur("the first", outcome -> outcome.get(0).equals("gives up first"))
                .mustOccur("nothing", outcome -> outcome.get(0).equals("nothing due"))
                .run();
    }

    /** A cancelled future against the reply and the next owner. */
    @Test
    void cancelReachesOnlyItsOwnCommand() {
        new Race<>("cancel, finish and open", () -> new Used(lane))
                .actor(used -> used.lane.abandon(used.slot, used.first))
                .actor(used -> used.replace(used.second, LATER))
                .arbiter(used -> used.slot.isAbandoned() + " " + (used.slot.generation() == 1 ? "first" : "second"))
                .forbid("the next owner is cancelled", outcome -> outcome.get(2).equals("true second"))
                .forbid(
                        "answered and cancelled",
                        outcome -> outcome.get(0).equals(true) && outcome.get(1).equals("answered"))
                .mustOccur("cancelled", outcome -> outcome.get(0).equals(true))
                .mustOccur("answered", outcome -> outcome.get(1).equals("answered"))
                .run();
    }

    /** A slot in its first use, and the completions of its first and second. */
    private static final class Used {
        private final Lane lane;
        private final Slot slot;
        private final Completion first = new Nobody();
        private final Completion second = new Nobody();

        Used(Lane lane) {
            this.lane = lane;
            this.slot = new Slot(lane, 0);
            slot.open(OpCode.GET, 0, DUE, first);
            slot.startDeadline();
        }

        private String nameOf(Completion completion, int generation) {
            return completion == (generation == 1 ? first : second) ? generation == 1 ? "first" : "second" : "another";
        }

        /** The reply is here, and the slot finds a new owner. */
        private Object replace(Completion next, long deadlineNs) {
            if (!slot.finish()) {
                return "given up";
            }
            slot.clear();
            slot.open(OpCode.GET, 0, deadlineNs, next);
            slot.startDeadline();
            return "answered";
        }
    }

    private static final class Nobody implements Completion {
        @Override
        public void take(Slot slot) {}

        @Override
        public void giveUp(Lane lane, int code, int phase) {}

        @Override
        public void finish() {}

        @Override
        public boolean hasDependents() {
            return false;
        }

        @Override
        public @Nullable Completion next() {
            return null;
        }

        @Override
        public void next(@Nullable Completion next) {}
    }
}
