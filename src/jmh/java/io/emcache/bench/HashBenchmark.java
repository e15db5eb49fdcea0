package io.emcache.bench;

import io.emcache.internal.memory.KeyHashing;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What one hash of a key costs, natively and in Java. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 2, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class HashBenchmark {

    /** Which implementation. */
    @Param({"native", "java"})
    public String hashing = "";

    /** Bytes of the key. */
    @Param({"8", "32", "250"})
    public int keyBytes;

    private KeyHashing subject = KeyHashing.inJava();
    private MemorySegment key = MemorySegment.NULL;

    /** Chooses the implementation and makes a key. */
    @Setup
    public void setUp() {
        subject = Subjects.hashing(hashing);
        key = Arena.ofAuto().allocate(keyBytes);
        for (int i = 0; i < keyBytes; i++) {
            key.set(ValueLayout.JAVA_BYTE, i, (byte) ('a' + i % 26));
        }
    }

    /**
     * Hashes the key.
     *
     * @return the hash
     */
    @Benchmark
    public long hash64() {
        return subject.hash64(key, keyBytes, 0);
    }
}
