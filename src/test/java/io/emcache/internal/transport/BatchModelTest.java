package io.emcache.internal.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.internal.protocol.OpCode;
import io.emcache.testkit.NoLeaks;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random gets and deletes, many for equal keys, some given up, against a model of a server whose replies come in pieces. */
@NoLeaks
@Timeout(60)
class BatchModelTest {
    private static final int STEPS = 1_000;
    private static final int KEYS = 12;
    private static final int MOST_CALLS = 100;
    private static final long LONG_NS = 20_000_000;

    private int answered;
    private int batches;
    private SplittableRandom random = new SplittableRandom();
    private final List<Asked> pending = new ArrayList<>();
    private final StringBuilder requests = new StringBuilder();
    private final StringBuilder replies = new StringBuilder();

    private record Asked(Slot slot, @Nullable String key) {}

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void everyGetIsToldWhatTheServerHas(long seed) {
        random = new SplittableRandom(seed);
        try (Conversation conversation = Conversation.with("1.6.38", 2 + random.nextInt(10))) {
            for (int i = 0; i < STEPS; i++) {
                step(conversation);
                checkDone(conversation);
            }
            while (conversation.calls() > 0) {
                conversation.flush();
                serve(conversation);
                speak(conversation, replies.length());
                checkDone(conversation);
            }
            assertThat(pending).isEmpty();
            assertThat(conversation.wire.inFlight()).isZero();
        }
        assertThat(answered).isGreaterThan(STEPS / 4);
        assertThat(batches).isGreaterThan(STEPS / 100);
    }

    private void step(Conversation conversation) {
        switch (random.nextInt(8)) {
            case 0, 1, 2 -> {
                publish(conversation);
                conversation.flush();
            }
            case 3 -> conversation.nowNs += random.nextLong(LONG_NS);
            case 4, 5 -> serve(conversation);
            default -> speak(conversation, random.nextInt(replies.length() + 1));
        }
    }

    private void publish(Conversation conversation) {
        for (int i = random.nextInt(1, 9); i > 0 && conversation.calls() < MOST_CALLS; i--) {
            if (random.nextInt(60) == 0) {
                pending.add(new Asked(conversation.publish(OpCode.DELETE, "d", 0, null, null), null));
                continue;
            }
            String key = "k" + random.nextInt(KEYS);
            Slot slot = conversation.get(key);
            if (random.nextInt(20) == 0) {
                conversation.abandonOwned(slot);
            } else {
                pending.add(new Asked(slot, key));
            }
        }
        if (!pending.isEmpty() && random.nextInt(5) == 0) {
            Asked asked = pending.get(random.nextInt(pending.size()));
            if (!asked.slot.isDone()) {
                pending.remove(asked);
                conversation.abandonOwned(asked.slot);
            }
        }
    }

    private static @Nullable String valueOf(String key) {
        int number = Integer.parseInt(key.substring(1));
        return switch (number % 3) {
            case 0 -> "END\r\n" + "v".repeat(number * number);
            case 1 -> "";
            default -> null;
        };
    }

    private void serve(Conversation conversation) {
        requests.append(conversation.heard());
        for (int end = requests.indexOf("\r\n"); end >= 0; end = requests.indexOf("\r\n")) {
            ArrayDeque<String> words =
                    new ArrayDeque<>(List.of(requests.substring(0, end).split(" ", -1)));
            requests.delete(0, end + 2);
            String verb = words.remove();
            switch (verb) {
                case "get" -> answerBatch(words);
                case "mg" -> answerOne(words.getFirst(), words.getLast());
                case "md" -> replies.append("NF ").append(words.getLast()).append("\r\n");
                default -> throw new AssertionError(verb);
            }
        }
    }

    private void answerBatch(Iterable<String> keys) {
        batches++;
        for (String key : keys) {
            String value = valueOf(key);
            if (value != null) {
                replies.append("VALUE %s 0 %d\r\n%s\r\n".formatted(key, value.length(), value));
            }
        }
        replies.append("END\r\n");
    }

    private void answerOne(String key, String opaque) {
        String value = valueOf(key);
        replies.append(
                value == null ? "EN\r\n" : "VA %d k%s %s\r\n%s\r\n".formatted(value.length(), key, opaque, value));
    }

    private void speak(Conversation conversation, int length) {
        conversation.reply(replies.substring(0, length));
        replies.delete(0, length);
    }

    private void checkDone(Conversation conversation) {
        for (Iterator<Asked> all = pending.iterator(); all.hasNext(); ) {
            Asked asked = all.next();
            if (asked.slot.isDone()) {
                all.remove();
                check(asked);
                answered++;
                conversation.giveBack(asked.slot);
            }
        }
    }

    private static void check(Asked asked) {
        if (asked.key == null) {
            assertThat(asked.slot.outcome()).isEqualTo(Outcome.NOT_FOUND);
            return;
        }
        String expected = valueOf(asked.key);
        byte[] value = asked.slot.value();
        assertThat(asked.slot.outcome()).isEqualTo(expected == null ? Outcome.MISS : Outcome.HIT);
        assertThat(value == null ? null : new String(value, ISO_8859_1)).isEqualTo(expected);
    }
}
