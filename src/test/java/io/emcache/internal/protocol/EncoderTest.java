package io.emcache.internal.protocol;

import static io.emcache.internal.protocol.CommandEncoder.NO_OPAQUE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EncoderTest {
    private static final byte[] VALUE = "hello\r\n".getBytes(ISO_8859_1);
    private static final List<CommandEncoder> BOTH = List.of(MetaEncoder.INSTANCE, ClassicEncoder.INSTANCE);

    @Test
    void metaGetAsksForKeyAndValue() {
        assertThat(meta(Messages.command(OpCode.GET, "key:123"), 0xabcd)).isEqualTo("mg key:123 k v Oabcd\r\n");
        assertThat(meta(Messages.command(OpCode.GET, "k"), 0)).isEqualTo("mg k k v O0000\r\n");
        assertThat(meta(Messages.command(OpCode.GET, "k"), 0xffff)).isEqualTo("mg k k v Offff\r\n");
        assertThat(meta(Messages.command(OpCode.GET, "k"), NO_OPAQUE)).isEqualTo("mg k k v\r\n");
    }

    @Test
    void metaSetLeavesOutZeroTtlAndZeroFlags() {
        assertThat(meta(Messages.set("k", VALUE, 0, 0), 1)).isEqualTo("ms k 7 O0001\r\nhello\r\n\r\n");
        assertThat(meta(Messages.set("k", VALUE, 5, 0), 1)).isEqualTo("ms k 7 F5 O0001\r\nhello\r\n\r\n");
        assertThat(meta(Messages.set("k", VALUE, 0, 300), 1)).isEqualTo("ms k 7 T300 O0001\r\nhello\r\n\r\n");
        assertThat(meta(Messages.set("k", new byte[0], -1, -1), NO_OPAQUE)).isEqualTo("ms k 0 T-1 F4294967295\r\n\r\n");
        assertThat(meta(Messages.set("k", new byte[0], Integer.MIN_VALUE, Integer.MAX_VALUE), 0x10))
                .isEqualTo("ms k 0 T2147483647 F2147483648 O0010\r\n\r\n");
        assertThat(meta(Messages.set("k", new byte[0], 100_000_000, 99_999_999), 0x10))
                .isEqualTo("ms k 0 T99999999 F100000000 O0010\r\n\r\n");
    }

    @Test
    void metaDelete() {
        assertThat(meta(Messages.command(OpCode.DELETE, "key"), 2)).isEqualTo("md key O0002\r\n");
        assertThat(meta(Messages.command(OpCode.DELETE, "key"), NO_OPAQUE)).isEqualTo("md key\r\n");
    }

    @Test
    void metaGetManyIsQuietGetsAndAFence() {
        assertThat(meta(Messages.getMany("a", "longer:key"), 5))
                .isEqualTo("mg a k v q\r\nmg longer:key k v q\r\nmn\r\n");
    }

    @Test
    void commandsWithoutKey() {
        assertThat(meta(Messages.command(OpCode.NOOP, ""), 5)).isEqualTo("mn\r\n");
        assertThat(meta(Messages.command(OpCode.VERSION, ""), 5)).isEqualTo("version\r\n");
        assertThat(classic(Messages.command(OpCode.NOOP, ""))).isEqualTo("version\r\n");
        assertThat(classic(Messages.command(OpCode.VERSION, ""))).isEqualTo("version\r\n");
    }

    @Test
    void classicCommands() {
        assertThat(classic(Messages.command(OpCode.GET, "key"))).isEqualTo("get key\r\n");
        assertThat(classic(Messages.command(OpCode.DELETE, "key"))).isEqualTo("delete key\r\n");
        assertThat(classic(Messages.set("key", VALUE, 0, 0))).isEqualTo("set key 0 0 7\r\nhello\r\n\r\n");
        assertThat(classic(Messages.set("key", new byte[0], -1, -1))).isEqualTo("set key 4294967295 -1 0\r\n\r\n");
        assertThat(classic(Messages.getMany("a"))).isEqualTo("get a\r\n");
        assertThat(classic(Messages.getMany("a", "longer:key", "c"))).isEqualTo("get a longer:key c\r\n");
    }

    @Test
    void multiKeyGet() {
        byte[] bytes = Messages.encodeMultiKeyGet(Messages.getMany("a", "bb"));
        assertThat(new String(bytes, ISO_8859_1)).isEqualTo("get a bb\r\n");
    }

    @Test
    void externalValueEndsWithTheCommandLine() {
        MemorySegment message = Messages.externalSet("key", 64 << 20, 3, 60);
        assertThat(meta(message, 9)).isEqualTo("ms key 67108864 T60 F3 O0009\r\n");
        assertThat(classic(message)).isEqualTo("set key 3 60 67108864\r\n");
        MemorySegment larger = Messages.externalSet("key", Integer.MAX_VALUE, 0, 0);
        assertThat(meta(larger, 9)).isEqualTo("ms key 2147483647 O0009\r\n");
        for (CommandEncoder encoder : BOTH) {
            assertThat(encoder.maxEncodedLength(larger, Messages.OFFSET)).isBetween(32, 200);
        }
    }

    @Test
    void keysOfEveryLength() {
        for (int length = 1; length <= 250; length++) {
            String key = "0123456789abcdefghijklmnopqrstuvwxyz\u00ff".repeat(7).substring(0, length);
            assertThat(meta(Messages.command(OpCode.GET, key), 7)).isEqualTo("mg " + key + " k v O0007\r\n");
            assertThat(meta(Messages.set(key, VALUE, 1, 2), 7))
                    .isEqualTo("ms " + key + " 7 T2 F1 O0007\r\nhello\r\n\r\n");
            assertThat(meta(Messages.getMany(key, "b", key), 7))
                    .isEqualTo("mg " + key + " k v q\r\nmg b k v q\r\nmg " + key + " k v q\r\nmn\r\n");
            assertThat(classic(Messages.command(OpCode.GET, key))).isEqualTo("get " + key + "\r\n");
            assertThat(classic(Messages.getMany(key, "b", key))).isEqualTo("get " + key + " b " + key + "\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 9, 2047, 2048, 2049, 16383, 16384, 16385, 99_999, 1_000_000})
    void valuesOfManyLengths(int length) {
        byte[] value = new byte[length];
        for (int i = 0; i < length; i++) {
            value[i] = (byte) (i * 31);
        }
        String text = new String(value, ISO_8859_1);
        assertThat(meta(Messages.set("k", value, 0, 0), 7)).isEqualTo("ms k " + length + " O0007\r\n" + text + "\r\n");
        assertThat(classic(Messages.set("k", value, 0, 0))).isEqualTo("set k 0 0 " + length + "\r\n" + text + "\r\n");
    }

    @Test
    void unknownOpCodeIsRefused() {
        MemorySegment message = Messages.command(63, "k");
        for (CommandEncoder encoder : BOTH) {
            assertThatThrownBy(() -> Messages.encode(encoder, message, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("op=63");
            assertThat(encoder.accepts(63, ReplyLine.HD)).isFalse();
        }
    }

    @Test
    void repliesThatBelongToACommand() {
        CommandEncoder meta = MetaEncoder.INSTANCE;
        assertThat(accepted(meta, OpCode.GET))
                .containsExactly("VA", "EN", "ERROR", "CLIENT_ERROR", "SERVER_ERROR", "REFUSED");
        assertThat(accepted(meta, OpCode.SET))
                .containsExactly("HD", "NF", "NS", "EX", "ERROR", "CLIENT_ERROR", "SERVER_ERROR", "REFUSED");
        assertThat(accepted(meta, OpCode.DELETE)).contains("HD", "NF").doesNotContain("NS", "DELETED");
        assertThat(accepted(meta, OpCode.GET_MANY)).contains("VA", "MN").doesNotContain("END", "VALUE");
        assertThat(accepted(meta, OpCode.NOOP))
                .containsExactly("MN", "ERROR", "CLIENT_ERROR", "SERVER_ERROR", "REFUSED");
        assertThat(accepted(meta, OpCode.STATS))
                .contains("STAT", "END", "OK", "REFUSED")
                .doesNotContain("RESET", "MN");
        assertThat(accepted(meta, OpCode.VERSION)).contains("VERSION").doesNotContain("MN");

        CommandEncoder classic = ClassicEncoder.INSTANCE;
        assertThat(accepted(classic, OpCode.GET))
                .containsExactly("VALUE", "END", "ERROR", "CLIENT_ERROR", "SERVER_ERROR", "REFUSED");
        assertThat(accepted(classic, OpCode.GET_MANY)).isEqualTo(accepted(classic, OpCode.GET));
        assertThat(accepted(classic, OpCode.SET))
                .contains("STORED", "NOT_STORED")
                .doesNotContain("HD", "END");
        assertThat(accepted(classic, OpCode.DELETE))
                .contains("DELETED", "NOT_FOUND")
                .doesNotContain("HD", "STORED");
        assertThat(accepted(classic, OpCode.NOOP)).contains("VERSION").doesNotContain("MN");
    }

    @Test
    void lastReplyOfACommand() {
        CommandEncoder meta = MetaEncoder.INSTANCE;
        assertThat(meta.ends(OpCode.GET, ReplyLine.VA)).isTrue();
        assertThat(meta.ends(OpCode.GET, ReplyLine.SERVER_ERROR)).isTrue();
        assertThat(meta.ends(OpCode.GET_MANY, ReplyLine.VA)).isFalse();
        assertThat(meta.ends(OpCode.GET_MANY, ReplyLine.SERVER_ERROR)).isFalse();
        assertThat(meta.ends(OpCode.GET_MANY, ReplyLine.MN)).isTrue();

        CommandEncoder classic = ClassicEncoder.INSTANCE;
        assertThat(classic.ends(OpCode.GET, ReplyLine.VALUE)).isFalse();
        assertThat(classic.ends(OpCode.GET, ReplyLine.END)).isTrue();
        assertThat(classic.ends(OpCode.GET_MANY, ReplyLine.CLIENT_ERROR)).isTrue();
        assertThat(classic.ends(OpCode.SET, ReplyLine.STORED)).isTrue();
    }

    private static List<String> accepted(CommandEncoder encoder, int op) {
        return IntStream.rangeClosed(ReplyLine.VA, ReplyLine.REFUSED)
                .filter(kind -> encoder.accepts(op, kind))
                .mapToObj(ReplyLine::nameOf)
                .toList();
    }

    private static String meta(MemorySegment message, int opaque) {
        return new String(Messages.encode(MetaEncoder.INSTANCE, message, opaque), ISO_8859_1);
    }

    private static String classic(MemorySegment message) {
        return new String(Messages.encode(ClassicEncoder.INSTANCE, message, 77), ISO_8859_1);
    }
}
