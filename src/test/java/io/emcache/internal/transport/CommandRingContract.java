package io.emcache.internal.transport;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link CommandRing} must do. The memory is dirty before, and watched on both sides. */
abstract class CommandRingContract {
    private static final int CAPACITY = 1024;
    private static final int MAX_LENGTH = CAPACITY / 8;
    private static final int LARGEST_RECORD_BYTES = MAX_LENGTH + 8;
    private static final int GUARD_BYTES = 64;
    private static final byte DIRT = 0x5A;

    private Arena arena;
    private MemorySegment guarded;
    private CommandRing ring;

    abstract CommandRing create(MemorySegment memory, int capacity);

    @BeforeEach
    void openRing() {
        arena = Arena.ofShared();
        long ringBytes = CommandRing.requiredBytes(CAPACITY);
        guarded = arena.allocate(ringBytes + 2 * GUARD_BYTES, 64).fill(DIRT);
        ring = create(guarded.asSlice(GUARD_BYTES, ringBytes), CAPACITY);
    }

    @AfterEach
    void memoryOutsideIsUntouched() {
        MemorySegment dirt = arena.allocate(GUARD_BYTES).fill(DIRT);
        assertThat(guarded.asSlice(0, GUARD_BYTES).mismatch(dirt)).isEqualTo(-1);
        assertThat(guarded.asSlice(guarded.byteSize() - GUARD_BYTES).mismatch(dirt))
                .isEqualTo(-1);
        arena.close();
    }

    @Test
    void newRingIsEmptyWhateverTheMemoryHeld() {
        assertThat(ring.hasWork()).isFalse();
        assertThat(ring.usedBytes()).isZero();
        assertThat(drainAll()).isEmpty();
        assertThat(ring.segment().byteSize()).isEqualTo(CAPACITY);
        assertThat(ring.maxMessageLength()).isEqualTo(MAX_LENGTH);
    }

    @Test
    void messageIsReadAsItWasWritten() {
        publish(7, 3);

        assertThat(drainAll()).containsExactly("7:3");
        assertThat(drainAll()).isEmpty();
    }

    @Test
    void messagesOfEveryLengthArriveInOrderAtAlignedOffsets() {
        for (int length = 0; length <= MAX_LENGTH; length++) {
            publish(length, length);
            publish(length + 1, 11);

            assertThat(drainAll()).containsExactly(label(length, length), label(length + 1, 11));
            assertThat(ring.usedBytes()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void randomTrafficOverManyWrapsLosesNothing(long seed) {
        Random random = new Random(seed);
        Queue<String> expected = new ArrayDeque<>();
        int number = 0;
        int wraps = 0;
        int lastOffset = 0;
        for (int round = 0; round < 20_000; round++) {
            if (random.nextInt(5) < 3) {
                int length = random.nextInt(MAX_LENGTH + 1);
                int offset = ring.claim(length);
                if (offset == CommandRing.FULL) {
                    continue;
                }
                wraps += offset < lastOffset ? 1 : 0;
                lastOffset = offset;
                write(offset, length, number);
                if (random.nextInt(8) == 0) {
                    ring.abort(offset);
                } else {
                    ring.commit(offset);
                    expected.add(label(number, length));
                }
                number++;
            } else {
                List<String> drained = new ArrayList<>();
                ring.drain(collectUpTo(drained, random.nextInt(4)), 1 + random.nextInt(6));
                drained.forEach(message -> assertThat(message).isEqualTo(expected.remove()));
            }
        }
        assertThat(drainAll()).containsExactlyElementsOf(expected);
        assertThat(ring.hasWork()).isFalse();
        assertThat(ring.usedBytes()).isZero();
        assertThat(wraps).isGreaterThan(100);
    }

    @Test
    void abortedMessageIsNeverSeen() {
        publish(1, 20);
        int offset = ring.claim(30);
        write(offset, 30, 2);
        ring.abort(offset);
        publish(3, 40);

        assertThat(drainAll()).containsExactly("1:20", "3:40");
    }

    @Test
    void abortedMessageAloneIsSkippedByOneDrain() {
        ring.abort(ring.claim(30));

        assertThat(ring.hasWork()).isTrue();
        assertThat(drainAll()).isEmpty();
        assertThat(ring.hasWork()).isFalse();
        assertThat(ring.usedBytes()).isZero();
    }

    @Test
    void openClaimHoldsBackWhatWasClaimedAfterIt() {
        publish(1, 8);
        int open = ring.claim(8);
        publish(3, 8);

        assertThat(drainAll()).containsExactly("1:8");
        assertThat(drainAll()).isEmpty();

        write(open, 8, 2);
        ring.commit(open);
        assertThat(drainAll()).containsExactly("2:8", "3:8");
    }

    @Test
    void openClaimCountsAsWork() {
        int offset = ring.claim(8);
        write(offset, 8, 1);
        assertThat(ring.hasWork()).isTrue();
        assertThat(drainAll()).isEmpty();
        assertThat(ring.hasWork()).isTrue();

        ring.commit(offset);
        assertThat(ring.hasWork()).isTrue();

        assertThat(drainAll()).hasSize(1);
        assertThat(ring.hasWork()).isFalse();
    }

    @Test
    void fullRingRefusesAndTakesAgainAfterADrain() {
        int count = 0;
        while (publish(count, MAX_LENGTH)) {
            count++;
        }

        assertThat(count).isEqualTo(CAPACITY / LARGEST_RECORD_BYTES);
        assertThat(ring.usedBytes()).isBetween(count * LARGEST_RECORD_BYTES, CAPACITY);
        assertThat(ring.claim(MAX_LENGTH)).isEqualTo(CommandRing.FULL);
        assertThat(drainAll()).hasSize(count).startsWith("0:128").endsWith((count - 1) + ":128");
        assertThat(ring.hasWork()).isFalse();
        assertThat(publish(99, MAX_LENGTH)).isTrue();
        assertThat(drainAll()).containsExactly("99:128");
    }

    @Test
    void roomIsUsedToTheLastByte() {
        for (int i = 0; i < CAPACITY / 16; i++) {
            assertThat(publish(i, 8)).isTrue();
        }

        assertThat(ring.usedBytes()).isEqualTo(CAPACITY);
        assertThat(publish(-1, 0)).isFalse();
        assertThat(ring.drain((offset, length) -> true, 1)).isEqualTo(1);
        assertThat(publish(CAPACITY / 16, 8)).isTrue();
        assertThat(drainAll()).hasSize(CAPACITY / 16).endsWith("64:8");
    }

    @Test
    void oneDrainCrossesTheEndOfTheMemory() {
        moveTo(CAPACITY - 2 * 16);
        publish(1, 8);
        publish(2, 8);
        publish(3, 8);

        assertThat(drainAll()).containsExactly("1:8", "2:8", "3:8");
    }

    @Test
    void messageThatDoesNotFitBeforeTheEndBeginsAtTheStart() {
        moveTo(CAPACITY - 16);
        int offset = ring.claim(100);
        assertThat(offset).isEqualTo(8);
        assertThat(ring.usedBytes()).isEqualTo(16 + 112);
        write(offset, 100, 5);
        ring.commit(offset);

        assertThat(drainAll()).containsExactly("5:100");
    }

    @Test
    void refusedMessageAndAllAfterItStay() {
        publish(1, 8);
        publish(2, 8);
        publish(3, 8);

        List<String> first = new ArrayList<>();
        assertThat(ring.drain(collectUpTo(first, 1), 10)).isEqualTo(1);
        assertThat(first).containsExactly("1:8");
        assertThat(ring.hasWork()).isTrue();
        assertThat(ring.drain((offset, length) -> false, 10)).isZero();
        assertThat(drainAll()).containsExactly("2:8", "3:8");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void handlerIsAskedOnceForTheMessageItRefuses(int accepted) {
        moveTo(CAPACITY - 2 * 16);
        for (int i = 0; i < 4; i++) {
            publish(i, 8);
        }

        int[] asked = {0};
        assertThat(ring.drain((offset, length) -> asked[0]++ < accepted, 10)).isEqualTo(accepted);
        assertThat(asked[0]).isEqualTo(accepted + 1);
        assertThat(drainAll()).hasSize(4 - accepted).startsWith(accepted + ":8");
    }

    @Test
    void drainStopsAtTheLimit() {
        moveTo(CAPACITY - 2 * 16);
        for (int i = 0; i < 5; i++) {
            publish(i, 8);
        }

        assertThat(ring.drain((offset, length) -> true, 0)).isZero();
        assertThat(ring.drain((offset, length) -> true, -1)).isZero();
        assertThat(ring.drain((offset, length) -> true, 3)).isEqualTo(3);
        assertThat(drainAll()).containsExactly("3:8", "4:8");
    }

    @Test
    void messageWhoseHandlerThrewIsConsumed() {
        publish(1, 8);
        publish(2, 8);
        publish(3, 8);

        int[] asked = {0};
        assertThatThrownBy(() -> ring.drain(
                        (offset, length) -> {
                            if (++asked[0] == 2) {
                                throw new UnsupportedOperationException("from the handler");
                            }
                            return true;
                        },
                        10))
                .isInstanceOf(UnsupportedOperationException.class);

        assertThat(ring.usedBytes()).isEqualTo(16);
        assertThat(drainAll()).containsExactly("3:8");
    }

    @Test
    void handlerMayClaimWhileItDrains() {
        publish(1, 8);

        List<String> seen = new ArrayList<>();
        ring.drain(
                (offset, length) -> {
                    seen.add(describe(offset, length));
                    return seen.size() > 1 || publish(2, 8);
                },
                10);
        seen.addAll(drainAll());

        assertThat(seen).containsExactly("1:8", "2:8");
    }

    @Test
    void lengthsOutsideTheBoundsAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> ring.claim(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> ring.claim(MAX_LENGTH + 1));
        assertThatIllegalArgumentException().isThrownBy(() -> ring.claim(Integer.MAX_VALUE));
        assertThat(ring.hasWork()).isFalse();
    }

    @Test
    void claimIsClosedOnce() {
        int committed = ring.claim(8);
        ring.commit(committed);
        assertThatIllegalStateException().isThrownBy(() -> ring.commit(committed));
        assertThatIllegalStateException().isThrownBy(() -> ring.abort(committed));

        int aborted = ring.claim(8);
        ring.abort(aborted);
        assertThatIllegalStateException().isThrownBy(() -> ring.commit(aborted));
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1024, 0, 8, 32, 1000, 1023, 1025, 4104})
    void capacityThatIsNoPowerOfTwoOrTooSmallIsRefused(int capacity) {
        MemorySegment memory = arena.allocate(8192, 64);
        assertThatIllegalArgumentException().isThrownBy(() -> CommandRing.requiredBytes(capacity));
        assertThatIllegalArgumentException().isThrownBy(() -> create(memory, capacity));
    }

    @Test
    void memoryThatCannotHoldARingIsRefused() {
        long ringBytes = CommandRing.requiredBytes(CAPACITY);
        MemorySegment memory = arena.allocate(ringBytes + 8, 64);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> create(memory.asSlice(0, ringBytes - 1), CAPACITY))
                .withMessageContaining("too small");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> create(memory.asSlice(4, ringBytes), CAPACITY))
                .withMessageContaining("aligned");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> create(memory.asReadOnly(), CAPACITY))
                .withMessageContaining("writable");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> create(MemorySegment.ofArray(new long[512]), CAPACITY))
                .withMessageContaining("off-heap");
    }

    @Test
    void smallestRingWorks() {
        CommandRing smallest = create(arena.allocate(CommandRing.requiredBytes(64), 8), CommandRing.MIN_CAPACITY_BYTES);
        assertThat(smallest.maxMessageLength()).isEqualTo(8);
        for (int i = 0; i < 1000; i++) {
            int offset = smallest.claim(i % 9);
            smallest.commit(offset);
            int length = i % 9;
            assertThat(smallest.drain((at, found) -> at == offset && found == length, 1))
                    .isEqualTo(1);
        }
    }

    @Test
    @Timeout(60)
    void producersAndAlternatingConsumersLoseAndRepeatNothing() throws InterruptedException {
        CommandRing shared = create(arena.allocate(CommandRing.requiredBytes(8192), 64), 8192);

        new CommandRingStress(shared, 4, 200_000).run();

        assertThat(shared.hasWork()).isFalse();
        assertThat(shared.usedBytes()).isZero();
    }

    private static String label(int number, int length) {
        return length == 0 ? "-:0" : (number & 0xFF) + ":" + length;
    }

    private boolean publish(int number, int length) {
        int offset = ring.claim(length);
        if (offset == CommandRing.FULL) {
            return false;
        }
        assertThat(offset % CommandRing.ALIGNMENT_BYTES).isZero();
        assertThat(offset).isBetween(0, CAPACITY - length);
        write(offset, length, number);
        ring.commit(offset);
        return true;
    }

    private void write(int offset, int length, int number) {
        for (int at = 0; at < length; at++) {
            ring.segment().set(JAVA_BYTE, offset + (long) at, (byte) (number + at));
        }
    }

    private List<String> drainAll() {
        List<String> messages = new ArrayList<>();
        assertThat(ring.drain(collectUpTo(messages, Integer.MAX_VALUE), Integer.MAX_VALUE))
                .isEqualTo(messages.size());
        return messages;
    }

    private CommandRing.Handler collectUpTo(List<String> messages, int most) {
        return (offset, length) -> messages.size() < most && messages.add(describe(offset, length));
    }

    private String describe(int offset, int length) {
        MemorySegment segment = ring.segment();
        for (int at = 1; at < length; at++) {
            assertThat(segment.get(JAVA_BYTE, offset + (long) at))
                    .isEqualTo((byte) (segment.get(JAVA_BYTE, offset) + at));
        }
        return label(length == 0 ? 0 : segment.get(JAVA_BYTE, offset), length);
    }

    /** Brings the empty ring to where the next record begins at this offset. */
    private void moveTo(int recordOffset) {
        for (int at = 0; at < recordOffset; at += 16) {
            publish(0, 8);
            assertThat(drainAll()).hasSize(1);
        }
    }
}
