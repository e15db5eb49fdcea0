package io.emcache.bench;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.emcache.internal.protocol.ReplyHandler;
import io.emcache.internal.protocol.ReplyLine;
import io.emcache.internal.protocol.ReplyParser;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One reply out of a buffer that holds many: the line decoded, key and opaque looked at, the value passed on. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ParserBenchmark {
    private static final int REPLIES = 100;

    /** Which reply. */
    public enum Reply {
        /** The answer to one get of 100 bytes on a meta connection. */
        META_HIT("VA 100 kkey:1234567 Oabcd\r\n" + "x".repeat(100) + "\r\n"),

        /** A miss there. */
        META_MISS("EN kkey:1234567 Oabcd\r\n"),

        /** The answer to a set or a delete there. */
        META_DONE("HD Oabcd\r\n"),

        /** One value of a multi-key get. */
        CLASSIC_HIT("VALUE key:1234567 0 100\r\n" + "x".repeat(100) + "\r\n"),

        /** The answer to a set on a classic connection. */
        CLASSIC_STORED("STORED\r\n");

        private final String text;

        Reply(String text) {
            this.text = text;
        }
    }

    /** The reply to parse. */
    @Param
    public Reply reply;

    private final ReplyParser parser = new ReplyParser(1 << 20, 4096);
    private final Checker checker = new Checker();
    private MemorySegment in;

    /** Fills the buffer. */
    @Setup
    public void setup() {
        byte[] bytes = reply.text.getBytes(StandardCharsets.US_ASCII);
        in = Arena.ofAuto().allocate((long) bytes.length * REPLIES);
        for (int i = 0; i < REPLIES; i++) {
            MemorySegment.copy(bytes, 0, in, JAVA_BYTE, (long) i * bytes.length, bytes.length);
        }
    }

    /**
     * Parses the whole buffer.
     *
     * @return something that depends on every reply
     */
    @Benchmark
    @OperationsPerInvocation(REPLIES)
    public long parse() {
        parser.parse(in, 0, in.byteSize(), checker);
        return checker.sum;
    }

    private static final class Checker implements ReplyHandler {
        private static final byte[] KEY = "key:1234567".getBytes(StandardCharsets.US_ASCII);

        private long sum;
        private final MemorySegment key = Arena.ofAuto().allocate(KEY.length).copyFrom(MemorySegment.ofArray(KEY));

        @Override
        public void onLine(ReplyLine line) {
            sum += line.kind() + line.opaque();
        }

        @Override
        public void onValue(ReplyLine header) {
            if (!header.keyEquals(key, 0, KEY.length, false)) {
                throw new IllegalStateException();
            }
            sum += header.opaque() + header.valueLength();
        }

        @Override
        public void onValueBytes(MemorySegment in, long offset, int length) {
            sum += in.get(JAVA_BYTE, offset) + length;
        }

        @Override
        public void onValueEnd() {
            sum++;
        }
    }
}
