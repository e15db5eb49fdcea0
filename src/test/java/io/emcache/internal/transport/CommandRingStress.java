package io.emcache.internal.transport;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Several producers, and two consumers that take turns, over one ring. What only the consumer may touch is plain on purpose:
 * the turn alone orders it, as the driver token does.
 */
@SuppressWarnings("ThreadPriorityCheck")
final class CommandRingStress {
    private static final int CONSUMERS = 2;
    private static final int DRAINS_PER_TURN = 4;
    private static final int MOST_PER_DRAIN = 64;
    private static final int WORDS_BEFORE_PAYLOAD = 2;
    private static final int MOST_PAYLOAD_WORDS = 14;
    private static final int ABORT_EVERY = 17;
    private static final int REFUSE_EVERY = 61;

    private final int perProducer;
    private long consumed;
    private long asked;
    private volatile int turn;
    private final CommandRing ring;
    private final MemorySegment segment;
    private final long[] expectedSequence;
    private final int[] consumedBy = new int[CONSUMERS];
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    CommandRingStress(CommandRing ring, int producers, int perProducer) {
        this.ring = ring;
        this.perProducer = perProducer;
        segment = ring.segment();
        expectedSequence = new long[producers];
    }

    void run() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int producer = 0; producer < expectedSequence.length; producer++) {
            int id = producer;
            threads.add(Thread.ofPlatform().start(() -> guarded(() -> produce(id))));
        }
        for (int consumer = 0; consumer < CONSUMERS; consumer++) {
            int id = consumer;
            threads.add(Thread.ofPlatform().start(() -> guarded(() -> consume(id))));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failure.get()).isNull();
        assertThat(expectedSequence).containsOnly(perProducer);
        assertThat(consumed).isEqualTo((long) expectedSequence.length * perProducer);
        assertThat(consumedBy).doesNotContain(0);
    }

    private void guarded(Runnable body) {
        try {
            body.run();
        } catch (Throwable e) {
            failure.compareAndSet(null, e);
        }
    }

    private boolean failed() {
        return failure.get() != null;
    }

    private void produce(int producer) {
        for (long sequence = 0; sequence < perProducer && !failed(); sequence++) {
            if (sequence % ABORT_EVERY == 0) {
                int offset = claim(WORDS_BEFORE_PAYLOAD * Long.BYTES);
                if (offset >= 0) {
                    segment.set(JAVA_LONG, offset, -1L);
                    ring.abort(offset);
                }
            }
            int words = WORDS_BEFORE_PAYLOAD + payloadWords(producer, sequence);
            int offset = claim(words * Long.BYTES);
            if (offset >= 0) {
                segment.set(JAVA_LONG, offset, producer);
                segment.set(JAVA_LONG, offset + 8L, sequence);
                for (int word = WORDS_BEFORE_PAYLOAD; word < words; word++) {
                    segment.set(JAVA_LONG, offset + 8L * word, mixed(producer, sequence, word));
                }
                ring.commit(offset);
            }
        }
    }

    private int claim(int length) {
        int offset = ring.claim(length);
        while (offset == CommandRing.FULL && !failed()) {
            Thread.yield();
            offset = ring.claim(length);
        }
        return offset;
    }

    private void consume(int consumer) {
        CommandRing.Handler handler = this::onCommand;
        long total = (long) expectedSequence.length * perProducer;
        while (!failed()) {
            if (turn != consumer) {
                Thread.yield();
                continue;
            }
            boolean done = consumed == total;
            for (int drain = 0; drain < DRAINS_PER_TURN && !done; drain++) {
                int count = ring.drain(handler, 1 + (int) (consumed % MOST_PER_DRAIN));
                consumedBy[consumer] += count;
                done = consumed == total;
            }
            if (done) {
                // Aborted messages behind the last one are left to skip.
                assertThat(ring.drain(handler, 1)).isZero();
            }
            turn = (consumer + 1) % CONSUMERS;
            if (done) {
                return;
            }
        }
    }

    private boolean onCommand(int offset, int length) {
        if (++asked % REFUSE_EVERY == 0) {
            return false;
        }
        int producer = (int) segment.get(JAVA_LONG, offset);
        long sequence = segment.get(JAVA_LONG, offset + 8L);
        if (sequence != expectedSequence[producer]) {
            throw new AssertionError(
                    "producer " + producer + ", expected " + expectedSequence[producer] + " but found " + sequence);
        }
        int words = WORDS_BEFORE_PAYLOAD + payloadWords(producer, sequence);
        if (length != words * Long.BYTES) {
            throw new AssertionError("length " + length + " of message " + sequence + " of producer " + producer);
        }
        for (int word = WORDS_BEFORE_PAYLOAD; word < words; word++) {
            if (segment.get(JAVA_LONG, offset + 8L * word) != mixed(producer, sequence, word)) {
                throw new AssertionError("word " + word + " of message " + sequence + " of producer " + producer);
            }
        }
        expectedSequence[producer]++;
        consumed++;
        return true;
    }

    private static int payloadWords(int producer, long sequence) {
        return (int) ((mixed(producer, sequence, 0) >>> 33) % (MOST_PAYLOAD_WORDS + 1));
    }

    private static long mixed(int producer, long sequence, int word) {
        long mixed = (sequence * 31 + producer) * 0x9E3779B97F4A7C15L + word;
        mixed = (mixed ^ (mixed >>> 32)) * 0xD6E8FEB86659FD93L;
        return mixed ^ (mixed >>> 29);
    }
}
