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
        assertThat(line.keyEquals(key, 0, 10, false)).isTrue();
        assertThat(line.keyEquals(key, 0, 9, false)).isFalse();
        assertThat(line.keyEquals(key, 0, 11, false)).isFalse();
        assertThat(line.keyEquals(key, 1, 10, false)).isFalse();
    }

    /** A server echoes a key as the item was stored, whatever the request had. */
    @Test
    void keyIsTheSameInEitherForm() {
        MemorySegment raw = MemorySegment.ofArray("abc".getBytes(ISO_8859_1));
        MemorySegment base64 = MemorySegment.ofArray("YWJj".getBytes(ISO_8859_1));
        decode("VA 3 kYWJj b O0001");
        assertThat(line.keyEquals(base64, 0, 4, true)).isTrue();
        assertThat(line.keyEquals(raw, 0, 3, false)).isTrue();
        assertThat(line.keyEquals(base64, 0, 4, false)).as("the text YWJj").isFalse();
        assertThat(line.keyEquals(raw, 0, 2, false)).isFalse();
        decode("VA 3 kabc O0001");
        assertThat(line.keyEquals(base64, 0, 4, true)).isTrue();
        assertThat(line.keyEquals(raw, 0, 3, false)).isTrue();
        assertThat(line.keyEquals(base64, 0, 4, false)).isFalse();
        assertThat(line.keyEquals(raw, 0, 3, true)).as("no base64").isFalse();
        decode("VA 3 kYWJj O0001");
        assertThat(line.keyEquals(base64, 0, 4, true)).as("the text YWJj").isFalse();
        decode("VA 3 kYWJ! b O0001");
        assertThat(line.keyEquals(raw, 0, 3, false)).isFalse();
        decode("HD b");
        assertThat(line.keyEquals(raw, 0, 3, false)).isFalse();
    }

    @Test
    void lineWithoutKeyEqualsNoKey() {
        decode("EN");
        assertThat(line.keyLength()).isEqualTo(-1);
        assertThat(line.keyEquals(MemorySegment.ofArray(new byte[4]), 0, 0, false))
                .isFalse();
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
