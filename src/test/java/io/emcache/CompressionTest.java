package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.management.ThreadMXBean;
import io.emcache.spi.Codec;
import io.emcache.spi.Compressor;
import io.emcache.spi.EncodedValue;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The form of compressed values, when they are made, and that reading survives whatever a server may hold. */
class CompressionTest {
    private static final long FLAG = 1L << 20;
    private static final HexFormat HEX = HexFormat.of();
    private static final Compression<byte[]> BYTES = Compression.deflate(Codecs.bytes());
    private static final Compression<String> TEXT = Compression.deflate(Codecs.utf8());

    /** By zlib of another language: 60 times the same 21 characters, at levels 1 and 9. */
    private static final String FOXES = "the quick brown fox; ".repeat(60);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "78012bc94855282ccd4cce56482aca2fcf5348cbafb0562819151c0d90d1c4309a118657c9000071ffc558",
                "78da2bc94855282ccd4cce56482aca2fcf5348cbafb0562819151c151c151c151c5e820071ffc558"
            })
    void formIsZlibs(String hex) {
        assertThat(TEXT.decode(HEX.parseHex(hex), FLAG)).isEqualTo(FOXES);
    }

    @Test
    void plainZlibReadsWhatIsWritten() throws Exception {
        EncodedValue encoded = TEXT.encode(FOXES);

        assertThat(encoded.flags()).isEqualTo(FLAG);
        assertThat(new InflaterInputStream(new ByteArrayInputStream(encoded.bytes())).readAllBytes())
                .isEqualTo(FOXES.getBytes(UTF_8));
    }

    @Test
    void foreignClientsFlagsCanBeChosen() {
        Codec<String> codec =
                Compression.deflate(Codecs.flagged(Codecs.utf8(), 16)).withFlag(8);

        assertThat(codec.decode(HEX.parseHex("789ccb48cdc9c90700062c0215"), 24)).isEqualTo("hello");
        assertThat(codec.decode("hello".getBytes(UTF_8), 16)).isEqualTo("hello");
        assertThat(codec.encode(FOXES).flags()).isEqualTo(24);
        assertThat(codec.encode("hello").flags()).isEqualTo(16);
    }

    @Test
    void thresholdIsTheFirstSizeThatIsCompressed() {
        assertThat(BYTES.encode(new byte[1023]).flags()).isZero();
        assertThat(BYTES.encode(new byte[1024]).flags()).isEqualTo(FLAG);
        assertThat(BYTES.withThresholdBytes(99).encode(new byte[98]).flags()).isZero();
        assertThat(BYTES.withThresholdBytes(99).encode(new byte[99]).flags()).isEqualTo(FLAG);
        assertThat(BYTES.withThresholdBytes(99).encode(new byte[100]).flags()).isEqualTo(FLAG);
        assertThat(BYTES.withThresholdBytes(Integer.MAX_VALUE)
                        .encode(new byte[5000])
                        .flags())
                .isZero();
    }

    @Test
    void valueThatDoesNotShrinkStaysAsItIs() {
        byte[] noise = new byte[5000];
        new Random(3).nextBytes(noise);

        EncodedValue encoded = BYTES.encode(noise);

        assertThat(encoded.flags()).isZero();
        assertThat(encoded.bytes()).isSameAs(noise);
        assertThat(BYTES.decode(encoded.bytes(), 0)).isSameAs(noise);
    }

    @Test
    void emptyValueStaysEmpty() {
        assertThat(BYTES.withThresholdBytes(0).encode(new byte[0])).isEqualTo(new EncodedValue(new byte[0], 0));
        assertThat(BYTES.decode(new byte[0], 0)).isEmpty();
        assertThat(BYTES.decode(HEX.parseHex("789c030000000001"), FLAG)).isEmpty();
        assertThat(TEXT.decode(HEX.parseHex("789c030000000001"), FLAG)).isEmpty();
    }

    @Test
    void randomValuesComeBack() {
        Random random = new Random(11);
        for (int i = 0; i < 1_000; i++) {
            Compression<byte[]> codec =
                    Compression.deflate(Codecs.bytes(), 1 + random.nextInt(9)).withThresholdBytes(random.nextInt(64));
            byte[] value = repetitive(random, random.nextInt(i % 50 == 0 ? 300_000 : 3_000));
            byte[] before = value.clone();

            EncodedValue encoded = codec.encode(value);

            assertThat(encoded.bytes().length).isLessThanOrEqualTo(value.length);
            assertThat(BYTES.decode(encoded.bytes().clone(), encoded.flags())).isEqualTo(before);
            assertThat(value).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 1L << 19, 1L << 21, 1L << 31, 1L << 32, -1})
    void foreignFlagsAreRefused(long flags) {
        byte[] compressed = TEXT.encode(FOXES).bytes();

        assertCodecFails(TEXT, compressed, flags & ~FLAG);
        assertCodecFails(TEXT, compressed, flags | FLAG);
    }

    @Test
    void compressedBytesAreNotTakenForPlain() {
        assertCodecFails(TEXT, TEXT.encode(FOXES).bytes(), 0);
        assertCodecFails(TEXT, FOXES.getBytes(UTF_8), FLAG);
    }

    @Test
    void collidingFlagIsRefused() {
        Codec<String> codec =
                Compression.deflate(Codecs.flagged(Codecs.utf8(), FLAG | 1)).withThresholdBytes(10);

        assertThatExceptionOfType(MemcachedException.Codec.class)
                .isThrownBy(() -> codec.encode("short"))
                .withMessage("flagged(utf8, 1048577) uses flags 1048577, which collide with the 1048576 of"
                        + " deflate(flagged(utf8, 1048577))");
        assertThatExceptionOfType(MemcachedException.Codec.class).isThrownBy(() -> codec.encode(FOXES));
    }

    @Test
    void everyTruncationIsRefused() {
        byte[] compressed = BYTES.encode(repetitive(new Random(5), 3_000)).bytes();
        assertThat(compressed).hasSizeLessThan(3_000);

        for (int length = 0; length < compressed.length; length++) {
            assertCodecFails(BYTES, Arrays.copyOf(compressed, length), FLAG);
        }
    }

    @Test
    void truncationAtTheBoundIsRefused() {
        byte[] compressed = BYTES.encode(new byte[5_000]).bytes();
        Compression<byte[]> exact = BYTES.withMaxRawBytes(5_000);

        assertThat(exact.decode(compressed.clone(), FLAG)).hasSize(5_000);
        for (int length = 0; length < compressed.length; length++) {
            assertCodecFails(exact, Arrays.copyOf(compressed, length), FLAG);
        }
    }

    @Test
    void bytesBehindTheEndAreRefused() {
        byte[] compressed = BYTES.encode(new byte[5_000]).bytes();

        assertThatExceptionOfType(MemcachedException.Codec.class)
                .isThrownBy(() -> BYTES.decode(Arrays.copyOf(compressed, compressed.length + 2), FLAG))
                .withMessage("deflate: 2 bytes follow the compressed ones");
    }

    @Test
    void flippedBitNeverMakesAnotherValue() {
        byte[] value = repetitive(new Random(6), 2_000);
        byte[] compressed = BYTES.encode(value).bytes();
        int refused = 0;

        for (int bit = 0; bit < 8 * compressed.length; bit++) {
            byte[] damaged = compressed.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            try {
                assertThat(BYTES.decode(damaged, FLAG)).isEqualTo(value);
            } catch (MemcachedException.Codec e) {
                refused++;
            }
        }

        assertThat(refused).isGreaterThan(7 * compressed.length);
    }

    @Test
    void randomBytesAreRefused() {
        Random random = new Random(8);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(200)];
            random.nextBytes(bytes);
            if (bytes.length > 1 && random.nextBoolean()) {
                bytes[0] = 0x78;
                bytes[1] = 0x01;
            }
            assertCodecFails(BYTES, bytes, FLAG);
        }
    }

    @Test
    void presetDictionaryIsRefused() throws Exception {
        Deflater deflater = new Deflater();
        byte[] out = new byte[100];
        int length;
        try {
            deflater.setDictionary("hello".getBytes(UTF_8));
            deflater.setInput("hello hello".getBytes(UTF_8));
            deflater.finish();
            length = deflater.deflate(out);
        } finally {
            deflater.end();
        }
        assertCodecFails(BYTES, Arrays.copyOf(out, length), FLAG);
    }

    @Test
    void boundIsTheLargestSizeThatIsRead() throws Exception {
        byte[] bomb = deflated(100_000);

        assertThat(BYTES.withMaxRawBytes(100_000).decode(bomb.clone(), FLAG)).hasSize(100_000);
        assertThat(BYTES.withMaxRawBytes(100_001).decode(bomb.clone(), FLAG)).hasSize(100_000);
        for (int bound : new int[] {1, 10, 99_999}) {
            assertThatExceptionOfType(MemcachedException.Codec.class)
                    .isThrownBy(() -> BYTES.withMaxRawBytes(bound).decode(bomb.clone(), FLAG))
                    .withMessage("deflate: inflates to more than " + bound + " bytes");
        }
    }

    @Test
    void bombIsRefusedWithoutItsMemory() throws Exception {
        byte[] bomb = deflated(1 << 27);
        Compression<byte[]> bounded = BYTES.withMaxRawBytes(1 << 20);
        assertCodecFails(bounded, bomb, FLAG);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

        long before = threads.getCurrentThreadAllocatedBytes();
        assertCodecFails(bounded, bomb, FLAG);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(allocated).isLessThan(3 << 20);
    }

    @Test
    void whatCouldNotBeReadIsNotWritten() {
        Compression<byte[]> bounded = BYTES.withMaxRawBytes(2_000);

        assertThat(bounded.decode(bounded.encode(new byte[2_000]).bytes(), FLAG))
                .hasSize(2_000);
        assertThatExceptionOfType(MemcachedException.Codec.class)
                .isThrownBy(() -> bounded.encode(new byte[2_001]))
                .withMessage("deflate(bytes): the value has more than 2000 bytes");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 3, 1L << 32, Long.MIN_VALUE})
    void flagIsOneBit(long flag) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BYTES.withFlag(flag))
                .withMessageContaining("" + flag);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "31, 2147483648"})
    void lowestAndHighestBitAreFlags(int bit, long flag) {
        Compression<byte[]> codec = BYTES.withFlag(1L << bit);

        assertThat(codec.encode(new byte[2_000]).flags()).isEqualTo(Math.max(flag, 1));
        assertThat(codec.decode(codec.encode(new byte[2_000]).bytes(), 1L << bit))
                .hasSize(2_000);
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> BYTES.withThresholdBytes(-1));
        assertThatIllegalArgumentException().isThrownBy(() -> BYTES.withMaxRawBytes(0));
        assertThatIllegalArgumentException().isThrownBy(() -> BYTES.withMaxRawBytes((1 << 30) + 1));
        assertThatIllegalArgumentException().isThrownBy(() -> Compression.deflate(Codecs.bytes(), 0));
        assertThatIllegalArgumentException().isThrownBy(() -> Compression.deflate(Codecs.bytes(), 10));
    }

    @Test
    void settingsAreIndependent() {
        Compression<byte[]> codec =
                BYTES.withFlag(4).withThresholdBytes(10).withMaxRawBytes(100).withFlag(2);

        assertThat(codec.encode(new byte[100]))
                .isEqualTo(new EncodedValue(codec.encode(new byte[100]).bytes(), 2));
        assertThat(codec.encode(new byte[9]).flags()).isZero();
        assertThatExceptionOfType(MemcachedException.Codec.class).isThrownBy(() -> codec.encode(new byte[101]));
        assertThat(BYTES.encode(new byte[100]).flags()).isZero();
    }

    @Test
    void usersAlgorithmIsUsed() {
        Compression<byte[]> codec =
                Compression.with(new RunLength(), Codecs.bytes()).withFlag(4);

        assertThat(codec.encode(new byte[2_000])).isEqualTo(new EncodedValue(HEX.parseHex("000007d000"), 4));
        assertThat(codec.decode(HEX.parseHex("000007d000"), 4)).isEqualTo(new byte[2_000]);
        byte[] mixed = repetitive(new Random(2), 2_000);
        assertThat(codec.encode(mixed).bytes()).isSameAs(mixed);
        assertThat(codec).hasToString("run-length(bytes)");
    }

    @Test
    void usersAlgorithmMayFail() {
        Compression<byte[]> codec = Compression.with(new RunLength(), Codecs.bytes());

        assertThatExceptionOfType(MemcachedException.Codec.class)
                .isThrownBy(() -> codec.decode(new byte[3], FLAG))
                .withMessage("run-length failed")
                .withCauseInstanceOf(BufferUnderflowException.class);
        assertThatExceptionOfType(MemcachedException.Codec.class)
                .isThrownBy(() -> codec.decode(HEX.parseHex("7fffffff00"), FLAG))
                .withMessage("too long");
    }

    @Test
    void usersAlgorithmIsHeldToTheBound() {
        Compressor careless = new RunLength() {
            @Override
            public byte[] decompress(byte[] bytes, int maxBytes) {
                return super.decompress(bytes, Integer.MAX_VALUE);
            }
        };
        Compression<byte[]> codec = Compression.with(careless, Codecs.bytes()).withMaxRawBytes(99);

        assertThat(codec.decode(HEX.parseHex("0000006300"), FLAG)).hasSize(99);
        assertThatExceptionOfType(MemcachedException.Codec.class)
                .isThrownBy(() -> codec.decode(HEX.parseHex("0000006400"), FLAG))
                .withMessage("run-length(bytes): the value has more than 99 bytes");
    }

    @Test
    void codecServesManyThreads() throws Exception {
        int threads = 8;
        CyclicBarrier start = new CyclicBarrier(threads);
        List<Future<?>> results = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            for (int t = 0; t < threads; t++) {
                Random random = new Random(t);
                results.add(executor.submit(() -> {
                    start.await();
                    for (int i = 0; i < 500; i++) {
                        String value = FOXES.substring(random.nextInt(FOXES.length())) + random.nextLong();
                        EncodedValue encoded = TEXT.withThresholdBytes(100).encode(value);
                        assertThat(TEXT.decode(encoded.bytes(), encoded.flags()))
                                .isEqualTo(value);
                    }
                    return null;
                }));
            }
            for (Future<?> result : results) {
                result.get(10, TimeUnit.SECONDS);
            }
        }
    }

    private static void assertCodecFails(Codec<?> codec, byte[] value, long flags) {
        assertThatExceptionOfType(MemcachedException.Codec.class).isThrownBy(() -> codec.decode(value, flags));
    }

    private static byte[] deflated(int zeros) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(out)) {
            byte[] chunk = new byte[1 << 16];
            for (int left = zeros; left > 0; left -= chunk.length) {
                deflater.write(chunk, 0, Math.min(left, chunk.length));
            }
        }
        return out.toByteArray();
    }

    /** Noise with repetitions in it, so that there is something to compress, at most. */
    private static byte[] repetitive(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        for (int at = 40; at + 40 < length; at += 20 + random.nextInt(80)) {
            System.arraycopy(bytes, random.nextInt(at), bytes, at, 1 + random.nextInt(40));
        }
        return bytes;
    }

    /** A toy: values of one byte, repeated, become a length and that byte; all others get longer. */
    private static class RunLength implements Compressor {
        @Override
        public String name() {
            return "run-length";
        }

        @Override
        public byte[] compress(byte[] bytes) {
            byte[] same = new byte[bytes.length];
            Arrays.fill(same, bytes[0]);
            return Arrays.equals(bytes, same)
                    ? ByteBuffer.allocate(5).putInt(bytes.length).put(bytes[0]).array()
                    : Arrays.copyOf(bytes, bytes.length + 1);
        }

        @Override
        public byte[] decompress(byte[] bytes, int maxBytes) {
            ByteBuffer in = ByteBuffer.wrap(bytes);
            int length = in.getInt();
            if (length < 0 || length > maxBytes) {
                throw new MemcachedException.Codec("too long", null);
            }
            byte[] raw = new byte[length];
            Arrays.fill(raw, in.get());
            return raw;
        }
    }
}
