package io.emcache.internal.transport;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.Race;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/** What many threads do to a lane at once: take and give back indexes, enter and leave, put commands into the ring. */
@NoLeaks
class LaneRaceTest {
    private static final String LAST = "last out";
    private static final String REFUSED = "refused";
    private static final int RING_BYTES = 256;
    private static final int RINGS = 1024;

    /** The top goes, the one below goes, the top comes back: whoever read the old top must notice (ABA). */
    @Test
    void topThatCameBackIsNoticed() {
        new Race<>("pop pop push, pop, pop push", () -> new Indexes(3))
                .actor(indexes -> {
                    int first = indexes.pop();
                    int second = indexes.pop();
                    Race.pause();
                    indexes.push(first);
                    return first + " " + second;
                })
                .actor(Indexes::pop)
                .actor(indexes -> {
                    int index = indexes.pop();
                    indexes.push(index);
                    return index;
                })
                .arbiter(Indexes::fault)
                .forbid(
                        "two owners, or a lost index",
                        outcome -> !outcome.get(3).equals(""))
                .mustOccur(
                        "the second is alone at the top",
                        outcome -> outcome.get(1).equals(0))
                .mustOccur("the second comes between", outcome -> outcome.get(0).equals("0 2"))
                .mustOccur(
                        "the second comes after the first gave back",
                        outcome ->
                                outcome.get(0).equals("0 1") && outcome.get(1).equals(0))
                .run();
    }

    @Test
    void emptyStackGivesNothingTwice() {
        new Race<>("pop, pop, pop push, pop push", () -> new Indexes(2))
                .actor(Indexes::pop)
                .actor(Indexes::pop)
                .actor(indexes -> indexes.push(indexes.pop()))
                .actor(indexes -> indexes.push(indexes.pop()))
                .arbiter(Indexes::fault)
                .forbid(
                        "two owners, or a lost index",
                        outcome -> !outcome.get(4).equals(""))
                .mustOccur("one finds it empty", outcome -> outcome.seen().contains(-1))
                .run();
    }

    /** Two calls, and the loop that closes: exactly one of them is the last out of the closed lane. */
    @Test
    void exactlyOneIsTheLastOut() {
        new Race<>("enter leave, enter hold leave leave, close leave", LaneRaceTest::openLane)
                .actor(admission -> enterAndLeave(admission, 10))
                .actor(admission -> {
                    if (admission.enter(20) != Admission.ENTERED) {
                        return REFUSED;
                    }
                    admission.hold();
                    Race.pause();
                    boolean last = admission.leave(20) == 0;
                    last |= admission.leave(0) == 0;
                    return left(last);
                })
                .actor(admission -> {
                    admission.close();
                    return left(admission.leave(0) == 0);
                })
                .arbiter(admission -> admission.calls() + " " + admission.bytes() + " " + admission.enter(0))
                .forbid(
                        "not exactly one last",
                        outcome -> outcome.seen().stream().filter(LAST::equals).count() != 1)
                .forbid("something is left", outcome -> !outcome.get(3).equals("0 0 " + Admission.CLOSED))
                .mustOccur("a call is last", outcome -> outcome.get(0).equals(LAST))
                .mustOccur(
                        "the call with a stay is last",
                        outcome -> outcome.get(1).equals(LAST))
                .mustOccur("the loop is last", outcome -> outcome.get(2).equals(LAST))
                .mustOccur("refused", outcome -> outcome.get(0).equals(REFUSED))
                .run();
    }

    /** At most 25 bytes, of which one is inside from the start. */
    @Test
    void boundHolds() {
        new Race<>("enter, enter, enter leave", () -> {
                    Admission admission = new Admission(3, 25);
                    admission.enter(1);
                    return admission;
                })
                .actor(admission -> admission.enter(10))
                .actor(admission -> admission.enter(20))
                .actor(admission -> enterAndLeave(admission, 5))
                .arbiter(admission -> admission.calls() + " " + admission.bytes())
                .forbid("both are inside", outcome -> outcome.get(3).equals("3 31"))
                .forbid(
                        "told to be last of an open lane",
                        outcome -> outcome.get(2).equals(LAST))
                .mustOccur("only the first", outcome -> outcome.get(3).equals("2 11"))
                .mustOccur("only the second", outcome -> outcome.get(3).equals("2 21"))
                .run();
    }

    private static Admission openLane() {
        Admission admission = new Admission(64, 1000);
        admission.enter(0);
        return admission;
    }

    private static String enterAndLeave(Admission admission, long bytes) {
        if (admission.enter(bytes) != Admission.ENTERED) {
            return REFUSED;
        }
        Race.pause();
        return left(admission.leave(bytes) == 0);
    }

    private static String left(boolean last) {
        return last ? LAST : "left";
    }

    @Test
    void ringOfVarHandlesGivesEachMessageOnceAndWhole() {
        messages("VarHandle ring", VarHandleCommandRing::new);
    }

    @Test
    @EnabledIf(
            value = "io.emcache.internal.transport.CommandRings#agronaAvailable",
            disabledReason = "Agrona needs --add-exports java.base/jdk.internal.misc=ALL-UNNAMED")
    void ringOfAgronaGivesEachMessageOnceAndWhole() {
        messages("Agrona ring", AgronaCommandRing::new);
    }

    private static void messages(String name, BiFunction<MemorySegment, Integer, CommandRing> maker) {
        try (Arena arena = Arena.ofShared()) {
            Queue<MemorySegment> memories = new ArrayDeque<>();
            for (int i = 0; i < RINGS; i++) {
                memories.add(arena.allocate(CommandRing.requiredBytes(RING_BYTES), 64));
            }
            new Race<>(name + ": put, put or abort, drain", () -> {
                        MemorySegment memory = memories.remove();
                        memories.add(memory);
                        return new Messages(maker.apply(memory, RING_BYTES));
                    })
                    .actor(messages -> messages.put(1, false))
                    .actor(messages -> messages.put(2, true) + " " + messages.put(3, false))
                    .actor(messages -> messages.drain() + messages.drain())
                    .arbiter(Messages::rest)
                    .forbid(
                            "torn, lost, doubled or out of order",
                            outcome -> !isWhole(outcome.get(2).toString() + outcome.get(3)))
                    .mustOccur("the driver saw both", outcome -> outcome.get(3).equals(""))
                    .mustOccur(
                            "the driver saw one",
                            outcome -> outcome.get(3).toString().length() == 1)
                    .mustOccur("the driver saw none", outcome -> outcome.get(2).equals(""))
                    .run();
        }
    }

    private static boolean isWhole(String drained) {
        return drained.equals("13") || drained.equals("31");
    }

    /** A stack, and who has which index. */
    private static final class Indexes {
        private final int size;
        private volatile boolean twoOwners;
        private final SlotIndexStack stack;
        private final AtomicIntegerArray owners;

        Indexes(int size) {
            this.size = size;
            this.stack = new SlotIndexStack(size);
            this.owners = new AtomicIntegerArray(size);
        }

        int pop() {
            int index = stack.pop();
            if (index >= 0 && owners.getAndIncrement(index) != 0) {
                twoOwners = true;
            }
            return index;
        }

        int push(int index) {
            if (index >= 0) {
                owners.set(index, 0);
                stack.push(index);
            }
            return index;
        }

        String fault() {
            List<Integer> left = new ArrayList<>();
            for (int index = stack.pop(); index >= 0 && left.size() <= size; index = stack.pop()) {
                left.add(index);
            }
            IntStream.range(0, size).filter(index -> owners.get(index) > 0).forEach(left::add);
            boolean complete = left.stream()
                    .sorted()
                    .toList()
                    .equals(IntStream.range(0, size).boxed().toList());
            return twoOwners ? "two owners" : complete ? "" : "left: " + left;
        }
    }

    /** Messages of three words, each the number of its sender. */
    private static final class Messages {
        private static final int WORDS = 3;
        private final CommandRing ring;

        Messages(CommandRing ring) {
            this.ring = ring;
        }

        Object put(long number, boolean abort) {
            int offset = ring.claim(WORDS * Long.BYTES);
            if (offset == CommandRing.FULL) {
                return "full";
            }
            for (int i = 0; i < WORDS; i++) {
                ring.segment().set(JAVA_LONG, offset + 8L * i, number);
            }
            if (abort) {
                ring.abort(offset);
            } else {
                ring.commit(offset);
            }
            return "put";
        }

        String drain() {
            StringBuilder drained = new StringBuilder();
            ring.drain(
                    (offset, length) -> {
                        long number = ring.segment().get(JAVA_LONG, offset);
                        boolean whole = length == WORDS * Long.BYTES
                                && number == ring.segment().get(JAVA_LONG, offset + 8L)
                                && number == ring.segment().get(JAVA_LONG, offset + 16L);
                        drained.append(whole ? String.valueOf(number) : "torn");
                        return true;
                    },
                    10);
            return drained.toString();
        }

        String rest() {
            String drained = drain();
            return ring.hasWork() ? drained + "more" : drained;
        }
    }
}
