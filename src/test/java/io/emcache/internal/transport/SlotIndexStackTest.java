package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlotIndexStackTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 1024, 4096})
    void holdsEveryIndexOnceFromZeroUp(int size) {
        SlotIndexStack stack = new SlotIndexStack(size);

        assertThat(IntStream.range(0, size).map(i -> stack.pop()).toArray())
                .isEqualTo(IntStream.range(0, size).toArray());
        assertThat(stack.pop()).isEqualTo(-1);
        assertThat(stack.pop()).isEqualTo(-1);
    }

    @Test
    void lastIndexGivenBackIsTakenFirst() {
        SlotIndexStack stack = new SlotIndexStack(4);
        IntStream.range(0, 4).forEach(i -> stack.pop());
        stack.push(2);
        stack.push(0);
        stack.push(3);

        assertThat(stack.pop()).isEqualTo(3);
        assertThat(stack.pop()).isZero();
        stack.push(1);
        assertThat(stack.pop()).isEqualTo(1);
        assertThat(stack.pop()).isEqualTo(2);
        assertThat(stack.pop()).isEqualTo(-1);
    }

    @Test
    void largestStackGivesItsLastIndex() {
        SlotIndexStack stack = new SlotIndexStack(SlotIndexStack.MAX_SIZE);
        int last = -1;
        for (int index = stack.pop(); index >= 0; index = stack.pop()) {
            last = index;
        }
        assertThat(last).isEqualTo(SlotIndexStack.MAX_SIZE - 1);
        stack.push(last);
        assertThat(stack.pop()).isEqualTo(last);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, SlotIndexStack.MAX_SIZE + 1})
    void sizeOutsideTheBoundsIsRefused(int size) {
        assertThatIllegalArgumentException().isThrownBy(() -> new SlotIndexStack(size));
    }

    @Test
    void indexThatNeverWasInItIsRefused() {
        SlotIndexStack stack = new SlotIndexStack(4);
        assertThatExceptionOfType(ArrayIndexOutOfBoundsException.class).isThrownBy(() -> stack.push(4));
        assertThatExceptionOfType(ArrayIndexOutOfBoundsException.class).isThrownBy(() -> stack.push(-1));
        assertThat(stack.pop()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 8})
    @Timeout(60)
    void noIndexHasTwoOwners(int size) throws InterruptedException {
        SlotIndexStack stack = new SlotIndexStack(size);
        AtomicIntegerArray owners = new AtomicIntegerArray(size);
        AtomicInteger violations = new AtomicInteger();
        int[] plainCounts = new int[size];
        AtomicInteger pops = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int seed = 0; seed < 4; seed++) {
            Random random = new Random(seed);
            threads.add(Thread.ofPlatform().start(() -> {
                int[] held = new int[3];
                int popped = 0;
                for (int round = 0; round < 200_000; round++) {
                    int count = 0;
                    int wanted = 1 + random.nextInt(held.length);
                    while (count < wanted) {
                        int index = stack.pop();
                        if (index < 0) {
                            break;
                        }
                        if (!owners.compareAndSet(index, 0, 1)) {
                            violations.incrementAndGet();
                        }
                        plainCounts[index]++;
                        popped++;
                        held[count++] = index;
                    }
                    // The first taken goes back first: it is on top again while those once below it are out.
                    for (int i = 0; i < count; i++) {
                        owners.set(held[i], 0);
                        stack.push(held[i]);
                    }
                }
                pops.addAndGet(popped);
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(violations).hasValue(0);
        assertThat(IntStream.of(plainCounts).sum()).isEqualTo(pops.get());
        assertThat(IntStream.range(0, size).map(i -> stack.pop()).sorted().toArray())
                .isEqualTo(IntStream.range(0, size).toArray());
        assertThat(stack.pop()).isEqualTo(-1);
    }
}
