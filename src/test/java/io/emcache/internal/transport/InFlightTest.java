package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.internal.protocol.OpCode;
import io.emcache.testkit.NoLeaks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

@NoLeaks
class InFlightTest {
    private static final int KEYS_BYTES = 256;

    private final MemorySegment source = Arena.ofAuto().allocate(KEYS_BYTES);

    private static InFlight inFlight(int capacity) {
        return new InFlight(capacity, Arena.ofAuto().allocate(KEYS_BYTES));
    }

    private boolean add(InFlight inFlight, int opaque, String key) {
        for (int i = 0; i < key.length(); i++) {
            source.set(ValueLayout.JAVA_BYTE, i, (byte) key.charAt(i));
        }
        return inFlight.add(null, OpCode.GET, opaque, opaque * 10L, source, 0, key.length());
    }

    private static String headKey(InFlight inFlight) {
        byte[] key = inFlight.keys()
                .asSlice(inFlight.headKeyOffset(), inFlight.headKeyLength())
                .toArray(ValueLayout.JAVA_BYTE);
        return new String(key, StandardCharsets.ISO_8859_1);
    }

    @Test
    void commandsLeaveInTheOrderTheyCame() {
        InFlight inFlight = inFlight(4);
        assertThat(inFlight.isEmpty()).isTrue();
        assertThat(add(inFlight, 1, "one")).isTrue();
        assertThat(add(inFlight, 2, "two")).isTrue();

        assertThat(inFlight.size()).isEqualTo(2);
        assertThat(inFlight.headOpaque()).isEqualTo(1);
        assertThat(inFlight.headOp()).isEqualTo(OpCode.GET);
        assertThat(inFlight.headStart()).isEqualTo(10);
        assertThat(headKey(inFlight)).isEqualTo("one");
        inFlight.removeHead();
        assertThat(inFlight.headOpaque()).isEqualTo(2);
        assertThat(headKey(inFlight)).isEqualTo("two");
        inFlight.removeHead();
        assertThat(inFlight.isEmpty()).isTrue();
    }

    /** Commands begin at 10, 20, … */
    @Test
    void endsOfCommandsAreFound() {
        InFlight inFlight = inFlight(8);
        assertThat(inFlight.endBehind(0, 100)).isEqualTo(Long.MAX_VALUE);
        add(inFlight, 9, "gone");
        for (int i = 1; i <= 7; i++) {
            add(inFlight, i, "key");
        }
        inFlight.removeHead();

        assertThat(inFlight.endBehind(10, 45)).isEqualTo(40);
        assertThat(inFlight.endBehind(10, 40)).isEqualTo(40);
        assertThat(inFlight.endBehind(35, 39)).isEqualTo(40);
        assertThat(inFlight.endBehind(30, 39)).isEqualTo(40);
        assertThat(inFlight.endBehind(35, 35)).isEqualTo(40);
        assertThat(inFlight.endBehind(40, 40)).isEqualTo(50);
        assertThat(inFlight.endBehind(10, 12)).isEqualTo(20);
        assertThat(inFlight.endBehind(10, 1000)).isEqualTo(70);
        assertThat(inFlight.endBehind(70, 75)).isEqualTo(Long.MAX_VALUE);
        assertThat(inFlight.endBehind(75, 1000)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void numberOfCommandsIsBounded() {
        InFlight inFlight = inFlight(2);
        add(inFlight, 1, "a");
        assertThat(inFlight.hasRoom(1)).isTrue();
        add(inFlight, 2, "b");

        assertThat(inFlight.hasRoom(0)).isFalse();
        assertThat(add(inFlight, 3, "c")).isFalse();
        assertThat(inFlight.size()).isEqualTo(2);
        inFlight.removeHead();
        assertThat(add(inFlight, 3, "c")).isTrue();
    }

    @Test
    void roomForKeysIsBounded() {
        InFlight inFlight = inFlight(16);
        String half = "x".repeat(KEYS_BYTES / 2);
        assertThat(add(inFlight, 1, half)).isTrue();
        assertThat(add(inFlight, 2, half)).isTrue();

        assertThat(inFlight.hasRoom(1)).isFalse();
        assertThat(inFlight.hasRoom(0)).isTrue();
        assertThat(add(inFlight, 3, "x")).isFalse();
        inFlight.removeHead();
        assertThat(inFlight.hasRoom(KEYS_BYTES / 2)).isTrue();
        assertThat(inFlight.hasRoom(KEYS_BYTES / 2 + 1)).isFalse();
    }

    @Test
    void keyThatDoesNotFitBeforeTheEndGoesToTheStart() {
        InFlight inFlight = inFlight(16);
        add(inFlight, 1, "a".repeat(200));
        inFlight.removeHead();
        assertThat(inFlight.hasRoom(100)).isTrue();
        assertThat(add(inFlight, 2, "b".repeat(100))).isTrue();

        assertThat(inFlight.headKeyOffset()).isZero();
        assertThat(headKey(inFlight)).isEqualTo("b".repeat(100));
        assertThat(inFlight.hasRoom(100)).as("the skipped end is not free yet").isTrue();
        assertThat(inFlight.hasRoom(101)).isFalse();
    }

    @Test
    void startsMoveBackTogether() {
        InFlight inFlight = inFlight(4);
        add(inFlight, 5, "a");
        add(inFlight, 6, "b");
        assertThat(inFlight.secondStart()).isEqualTo(60);
        inFlight.rebase(50);

        assertThat(inFlight.headStart()).isZero();
        inFlight.removeHead();
        assertThat(inFlight.headStart()).isEqualTo(10);
    }

    /** Random adds and removes against a plain queue, far beyond the capacity of both rings. */
    @Test
    void behavesLikeAQueue() {
        record Entry(int opaque, String key) {}

        InFlight inFlight = inFlight(8);
        ArrayDeque<Entry> model = new ArrayDeque<>();
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 100_000; i++) {
            int dice = random.nextInt(7);
            if (dice < 4) {
                String key = Character.toString('a' + i % 26).repeat(random.nextInt(100));
                boolean room = inFlight.hasRoom(key.length());
                assertThat(add(inFlight, i, key)).isEqualTo(room);
                if (room) {
                    model.add(new Entry(i, key));
                }
            } else if (!model.isEmpty()) {
                Entry expected = model.remove();
                assertThat(inFlight.headOpaque()).isEqualTo(expected.opaque());
                assertThat(headKey(inFlight)).isEqualTo(expected.key());
                inFlight.removeHead();
            }
            assertThat(inFlight.size()).isEqualTo(model.size());
            if (model.isEmpty()) {
                assertThat(inFlight.hasRoom(KEYS_BYTES / 2))
                        .as("an empty queue has room")
                        .isTrue();
            }
        }
    }
}
