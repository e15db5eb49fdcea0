package io.emcache.internal.client;

import io.emcache.Key;
import io.emcache.internal.memory.KeyScratch;
import io.emcache.internal.protocol.KeyCodec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
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

/** What it costs to write one key for the wire: bare, and through each kind of key space. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class KeySpaceBenchmark {
    /** Characters of the key, all ASCII. */
    @Param({"10", "32", "170"})
    public int length;

    private String text;
    private Key key;
    private Key binary;
    private KeySpace plain;
    private KeySpace prefixed;
    private KeySpace hashing;
    private MemorySegment scratch;

    /** Makes keys and key spaces. */
    @Setup
    public void setUp() {
        text = "k".repeat(length);
        key = Key.of(text);
        binary = Key.binary(text.getBytes(StandardCharsets.US_ASCII));
        plain = KeySpace.root(false);
        prefixed = plain.namespace("app:");
        hashing = KeySpace.root(true);
        scratch = Arena.ofAuto().allocate(KeyScratch.SIZE_BYTES, 64);
    }

    /**
     * The codec alone.
     *
     * @return the length
     */
    @Benchmark
    public int codec() {
        return KeyCodec.encode(text, scratch);
    }

    /**
     * A string.
     *
     * @return the length
     */
    @Benchmark
    public int string() {
        return plain.encode(text, scratch);
    }

    /**
     * A string behind a prefix.
     *
     * @return the length
     */
    @Benchmark
    public int stringWithPrefix() {
        return prefixed.encode(text, scratch);
    }

    /**
     * A string that would be hashed if it were longer.
     *
     * @return the length
     */
    @Benchmark
    public int stringWithHashing() {
        return hashing.encode(text, scratch);
    }

    /**
     * Bytes of a text key.
     *
     * @return the length
     */
    @Benchmark
    public int key() {
        return plain.encode(key, scratch);
    }

    /**
     * Bytes of a binary key, as base64.
     *
     * @return the length
     */
    @Benchmark
    public int binaryKey() {
        return plain.encode(binary, scratch);
    }

    /**
     * Bytes of a binary key behind a prefix, as base64.
     *
     * @return the length
     */
    @Benchmark
    public int binaryKeyWithPrefix() {
        return prefixed.encode(binary, scratch);
    }
}
