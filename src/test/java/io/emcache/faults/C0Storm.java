package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.internal.client.ObservedClient;
import io.emcache.internal.client.ObservedClient.Answer;
import io.emcache.internal.client.ObservedClient.RawCommand;
import io.emcache.internal.protocol.OpCode;
import io.emcache.internal.transport.Outcome;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Callers of all faces on one client, some of whom give up early, and one who sends keys that no face would let pass. For
 * the thread of a test.
 */
final class C0Storm {
    private static final int ANSWERS_PER_LONG_KEY = 500;
    private static final String LINE = "x".repeat(2_100);
    private static final int[] LONG_KEY_OPS = {
        OpCode.GET,
        OpCode.GET_ITEM,
        OpCode.GAT,
        OpCode.GAT_ITEM,
        OpCode.GET,
        OpCode.GET_ITEM,
        OpCode.SET,
        OpCode.ADD,
        OpCode.APPEND,
        OpCode.CAS,
        OpCode.DELETE,
        OpCode.TOUCH,
        OpCode.INCREMENT
    };

    private final int calls;
    private final boolean classic;
    private final long seed;

    private int callers;

    private final ObservedClient observed;
    private final Ledger ledger = new Ledger();
    private final StormFaces faces;
    private final LongAdder longKeys = new LongAdder();
    private final LongAdder longLines = new LongAdder();

    C0Storm(ObservedClient observed, boolean classic, int calls, long seed) {
        this.observed = observed;
        this.faces = new StormFaces(observed.client(), ledger, seed);
        this.classic = classic;
        this.calls = calls;
        this.seed = seed;
    }

    Ledger ledger() {
        return ledger;
    }

    long longKeys() {
        return longKeys.sum();
    }

    /** Keys sent that were too long for any line, after which some servers hang up. */
    long longLines() {
        return longLines.sum();
    }

    /** Lets it rage until there were enough calls, and waits for the end of each. */
    void rage() throws InterruptedException {
        Deeds.prepare(observed.client(), seed);
        for (int i = 0; i < 3; i++) {
            faces.sync("sync-" + i, deeds("sync-" + i)::next);
            faces.virtual("virtual-" + i, deeds("virtual-" + i)::next);
        }
        faces.async("async-0", deeds("async-0")::next);
        faces.async("async-1", deeds("async-1")::next);
        faces.direct("direct-0", deeds("direct-0")::next);
        Deeds long0 = deeds("long-0");
        faces.other("long-0", () -> sendLongKeys(long0));
        SplittableRandom random = new SplittableRandom(seed);
        while (ledger.answered() < calls) {
            faces.interruptOne(random);
            Thread.sleep(2);
            faces.requireProgress();
        }
        faces.stop();
    }

    private Deeds deeds(String caller) {
        return new Deeds(caller, classic, ledger, new SplittableRandom(seed * 100 + callers++));
    }

    private void sendLongKeys(Deeds deeds) {
        long next = 0;
        while (!faces.isStopped()) {
            if (ledger.answered() < next) {
                LockSupport.parkNanos(1_000_000);
                continue;
            }
            next = ledger.answered() + ANSWERS_PER_LONG_KEY;
            List<RawCommand> commands = new ArrayList<>();
            addOthers(commands, deeds);
            int bad = commands.size();
            commands.add(longKey(deeds));
            addOthers(commands, deeds);
            List<Answer> answers = observed.pipeline(commands, Duration.ofSeconds(5));
            longKeys.increment();
            if (commands.get(bad).key().length() == LINE.length()) {
                longLines.increment();
            }
            for (int i = 0; i < answers.size(); i++) {
                try {
                    check(commands.get(i), answers.get(i), i == bad);
                } catch (AssertionError e) {
                    ledger.wrong("pipeline", e);
                }
            }
        }
    }

    private static void addOthers(List<RawCommand> commands, Deeds deeds) {
        for (int i = deeds.random().nextInt(5); i > 0; i--) {
            commands.add(
                    switch (deeds.random().nextInt(3)) {
                        case 0 -> new RawCommand(OpCode.DELETE, deeds.absent(), null);
                        case 1 -> new RawCommand(OpCode.GET, deeds.absent(), null);
                        default -> new RawCommand(OpCode.GET, deeds.fixed(), null);
                    });
        }
    }

    /** Where the server takes the value for commands, it answers with more than was asked for. */
    private static RawCommand longKey(Deeds deeds) {
        SplittableRandom random = deeds.random();
        int op = LONG_KEY_OPS[random.nextInt(LONG_KEY_OPS.length)];
        String key = random.nextInt(20) == 0 ? LINE : LINE.substring(0, random.nextInt(251, 300));
        String trap = "get " + deeds.fixed() + "\r\nmg " + deeds.fixed() + " v k\r\nmn";
        return new RawCommand(op, key, OpCode.carriesData(op) ? trap.getBytes(StandardCharsets.US_ASCII) : null);
    }

    private void check(RawCommand command, Answer answer, boolean bad) {
        if (!Outcome.isAnswer(answer.code())) {
            assertThat(answer.code())
                    .as("outcome of " + command.op())
                    .isIn(
                            Outcome.NONE,
                            bad ? Outcome.CLIENT_ERROR : Outcome.NONE,
                            Outcome.TIMEOUT,
                            Outcome.OVERDUE,
                            Outcome.LOST,
                            Outcome.UNSENT,
                            Outcome.VIOLATION);
        } else if (bad) {
            throw new AssertionError("an over-long key was answered with " + answer.code());
        } else if (command.op() == OpCode.DELETE) {
            assertThat(answer.code()).as("delete of " + command.key()).isEqualTo(Outcome.NOT_FOUND);
        } else if (command.key().startsWith("absent:")) {
            assertThat(answer.code()).as("get of " + command.key()).isEqualTo(Outcome.MISS);
        } else {
            ledger.requireHit(command.key(), answer.value());
        }
    }
}
