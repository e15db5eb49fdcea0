package io.emcache.internal.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class ReplyLineTest {
    private final ReplyLine line = new ReplyLine();
    private final LineDecoder decoder = new LineDecoder(1000, line);

    @Test
    void keyIsComparedByBytesAndLength() {
        decode("EN kkey:123456 O0001");
        MemorySegment key = MemorySegment.ofArray("key:123456?".getBytes(ISO_8859_1));
        assertThat(line.keyEquals(key, 0, 10)).isTrue();
        assertThat(line.keyEquals(key, 0, 9)).isFalse();
        assertThat(line.keyEquals(key, 0, 11)).isFalse();
        assertThat(line.keyEquals(key, 1, 10)).isFalse();
    }

    @Test
    void lineWithoutKeyEqualsNoKey() {
        decode("EN");
        assertThat(line.keyLength()).isEqualTo(-1);
        assertThat(line.keyEquals(MemorySegment.ofArray(new byte[4]), 0, 0)).isFalse();
    }

    @Test
    void absentFlagsHaveDefaults() {
        decode("VA 3 f7 c8 t9 l10 s11 h1");
        decode("HD");
        assertThat(line.valueLength()).isZero();
        assertThat(line.itemFlags()).isZero();
        assertThat(line.hasCas()).isFalse();
        assertThat(line.cas()).isZero();
        assertThat(line.hasTtl()).isFalse();
        assertThat(line.ttlSeconds()).isEqualTo(-1);
        assertThat(line.lastAccessSeconds()).isEqualTo(-1);
        assertThat(line.sizeBytes()).isEqualTo(-1);
        assertThat(line.isHitBefore()).isFalse();
        assertThat(line.opaque()).isEqualTo(-1);
        assertThat(line.number()).isZero();
        assertThat(line.isError()).isFalse();
    }

    @Test
    void itemNeverHitBeforeSaysSo() {
        decode("HD h0");
        assertThat(line.isHitBefore()).isFalse();
        decode("HD h1");
        assertThat(line.isHitBefore()).isTrue();
    }

    @Test
    void textMayBeUtf8() {
        byte[] bytes = "SERVER_ERROR gr\u00fc\u00dfe\r\n".getBytes(UTF_8);
        decoder.decode(MemorySegment.ofArray(bytes), 0, bytes.length - 2, bytes.length);
        assertThat(line.text()).isEqualTo("gr\u00fc\u00dfe");
        assertThat(line.isError()).isTrue();
    }

    private void decode(String text) {
        byte[] bytes = (text + "\r\n").getBytes(ISO_8859_1);
        decoder.decode(MemorySegment.ofArray(bytes), 0, text.length(), bytes.length);
        assertThat(line.start()).isZero();
        assertThat(line.end()).isEqualTo(text.length());
    }
}
