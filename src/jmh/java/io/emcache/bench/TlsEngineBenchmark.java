package io.emcache.bench;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
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

/**
 * One record wrapped by an engine of the JDK and unwrapped by another, in memory: the least that TLS costs, whatever the
 * client does. With {@code -prof gc} it shows what they allocate.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init")
public class TlsEngineBenchmark {
    /** The protocol. */
    @Param({"TLSv1.3", "TLSv1.2"})
    public String protocol;

    /** Where buffers are. */
    @Param
    public EnginePair.Buffers buffers;

    /** Bytes of plain text in a record. */
    @Param({"100", "16000"})
    public int bytes;

    private EnginePair pair;
    private ByteBuffer source;
    private ByteBuffer records;
    private ByteBuffer sink;

    /** Shakes hands. */
    @Setup
    public void open() throws SSLException {
        TlsCertificates certificates = new TlsCertificates();
        pair = new EnginePair(certificates.clientContext(), certificates.serverContext(), protocol);
        source = buffers.text(bytes);
        records = buffers.records(pair.mostBytesOfRecord());
        sink = buffers.text(pair.mostBytesOfText());
    }

    /**
     * One record there.
     *
     * @return its bytes
     */
    @Benchmark
    public int wrapAndUnwrap() throws SSLException {
        EnginePair.wrap(pair.client(), source.clear(), records.clear());
        return EnginePair.unwrap(pair.server(), records.flip(), sink.clear());
    }
}
