package io.emcache;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The key rules K1 to K7, K9 and K12, as far as they are those of one key. */
class KeyTest {
    @Test
    @DisplayName("K1 250 bytes are a key")
    void longestKeyIsAccepted() {
        assertThat(Key.of("k".repeat(250)).length()).isEqualTo(250);
        assertThat(Key.of("é".repeat(125)).length()).isEqualTo(250);
    }

    @Test
    @DisplayName("K1 251 bytes are none, whatever the number of characters")
    void tooLongKeyIsRefusedByItsBytes() {
        assertInvalid("k".repeat(251), "251");
        assertInvalid("é".repeat(126), "252");
        assertInvalid("k".repeat(1 << 20), "1048576");
    }

    @Test
    @DisplayName("K2 nothing is no key")
    void emptyKeyIsRefused() {
        assertInvalid("", "empty");
        assertThatExceptionOfType(MemcachedException.InvalidKey.class).isThrownBy(() -> Key.of(new byte[0]));
    }

    @ParameterizedTest
    @DisplayName("K3 K4 K5 space, line end, NUL and controls are refused with their place")
    @ValueSource(ints = {' ', '\r', '\n', 0, '\t', 0x01, 0x1f, 0x7f})
    void spaceAndControlAreRefusedWithTheirPlace(int b) {
        assertInvalid("a" + (char) b + "b", "byte 1 is 0x%02x".formatted(b));
        assertThatExceptionOfType(MemcachedException.InvalidKey.class)
                .isThrownBy(() -> Key.of(new byte[] {'a', (byte) b}));
    }

    @Test
    @DisplayName("K5 bytes from 0x80 on are allowed")
    void allOtherBytesAreAccepted() {
        for (int b = 0x21; b <= 0xff; b++) {
            if (b != 0x7f) {
                assertThat(Key.of(new byte[] {(byte) b}).toBytes()).containsExactly(b);
            }
        }
    }

    @Test
    @DisplayName("K6 text is UTF-8 as it is")
    void textIsUtf8WithoutNormalisation() {
        assertThat(Key.of("é€😀").toBytes()).isEqualTo("é€😀".getBytes(UTF_8));
        assertThat(Key.of("\u00e9")).isNotEqualTo(Key.of("e\u0301"));
    }

    @Test
    @DisplayName("K6 half a surrogate pair is no text")
    void halfASurrogatePairIsRefused() {
        assertInvalid("a\ud83d", "surrogate");
        assertInvalid("\ude00a", "surrogate");
    }

    @Test
    void messageDoesNotRepeatTheKey() {
        assertThatExceptionOfType(MemcachedException.InvalidKey.class)
                .isThrownBy(() -> Key.of("session token"))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("session", "token"));
    }

    @Test
    void bytesAreCopiedInAndOut() {
        byte[] bytes = {'a', 'b'};
        Key key = Key.of(bytes);
        bytes[0] = ' ';
        key.toBytes()[1] = ' ';

        assertThat(key.toBytes()).containsExactly('a', 'b');
    }

    @Test
    void copyToWritesTheBytesAtTheOffset() {
        byte[] target = new byte[5];

        Key.of("abc").copyTo(MemorySegment.ofArray(target), 1);

        assertThat(target).containsExactly(0, 'a', 'b', 'c', 0);
    }

    @Test
    void copyToRefusesTooLittleRoom() {
        MemorySegment target = MemorySegment.ofArray(new byte[3]);

        assertThatExceptionOfType(IndexOutOfBoundsException.class)
                .isThrownBy(() -> Key.of("abc").copyTo(target, 1));
    }

    @Test
    void equalityGoesByBytes() {
        assertThat(Key.of("é")).isEqualTo(Key.of("é".getBytes(UTF_8))).hasSameHashCodeAs(Key.of("é".getBytes(UTF_8)));
        assertThat(Key.of("a")).isNotEqualTo(Key.of("b"));
    }

    @Test
    void textIsSafeForALog() {
        assertThat(Key.of("user:42/é😀")).hasToString("user:42/é😀");
        assertThat(Key.of("a\u0085b\u2028c\u202ed")).hasToString("a<U+0085>b<U+2028>c<U+202E>d");
        assertThat(Key.of(new byte[] {'a', (byte) 0xff, (byte) 0x80})).hasToString("a\\xff\\x80");
    }

    @Test
    @DisplayName("K3 K4 a binary key may hold anything")
    void binaryKeyTakesAllBytes() {
        for (int b = 0; b <= 0xff; b++) {
            byte[] raw = {'a', (byte) b};
            Key key = Key.binary(raw);

            assertThat(key.isBinary()).isTrue();
            assertThat(key.toBytes()).isEqualTo(raw);
        }
        assertThat(Key.of("a").isBinary()).isFalse();
    }

    @Test
    @DisplayName("K7 a binary key has 1 to 186 bytes")
    void binaryKeyIsLimited() {
        assertThat(Key.binary(new byte[186]).length()).isEqualTo(186);
        assertInvalidBinary(new byte[187], "186 bytes, not 187");
        assertInvalidBinary(new byte[0], "empty");
    }

    @Test
    @DisplayName("K7 K12 a binary key that is too long may be hashed")
    void binaryKeyIsHashed() {
        byte[] raw = new byte[187];
        for (int i = 0; i < raw.length; i++) {
            raw[i] = (byte) i;
        }
        byte[] readable = Arrays.copyOf(raw, 127);
        Key key = Key.hashedBinary(raw);

        assertThat(key.isBinary()).isTrue();
        assertThat(key.length()).isEqualTo(171);
        assertThat(key.toBytes()).startsWith(readable);
        assertThat(new String(key.toBytes(), US_ASCII)).endsWith("~xi7929YiCUSGwe3tynStR8jOTHZh2fWMJyNAO7QrRbY");
        assertThat(Key.hashedBinary(readable)).isEqualTo(Key.binary(readable));
        assertThatExceptionOfType(MemcachedException.InvalidKey.class).isThrownBy(() -> Key.hashedBinary(new byte[0]));
    }

    /** Computed with another SHA-256 and base64url. */
    @Test
    @DisplayName("K12 the form of a hashed key is fixed")
    void hashedKeyHasItsForm() {
        assertThat(hashed("k".repeat(251))).isEqualTo("k".repeat(128) + "~O4BZxjeTmkg73Hvu8J8RtWZYG-bRTiUIOzBBt3cX3gI");
        assertThat(hashed("a" + "€".repeat(100)))
                .isEqualTo("a" + "€".repeat(42) + "~pbky3INZo8pg-YULyy16w7lSwefC-yukHUKhFZsctyg");
        assertThat(hashed("😀".repeat(70))).isEqualTo("😀".repeat(32) + "~ZGHSj7Sg1MtJcJFH-REygJtfP9-Ax_svToyL7jCizls");
    }

    @Test
    @DisplayName("K12 a hashed key ends its readable part at a character")
    void hashedKeyIsCutBetweenCharacters() {
        for (String character : new String[] {"k", "é", "€", "😀"}) {
            for (int ahead = 0; ahead < 4; ahead++) {
                String text = "x".repeat(ahead) + character.repeat(300);
                String hashed = hashed(text);
                int cut = hashed.length() - 44;

                assertThat(hashed.charAt(cut)).isEqualTo('~');
                assertThat(text).startsWith(hashed.substring(0, cut));
                assertThat(Key.hashed(text).length()).isBetween(169, 172);
            }
        }
        byte[] noText = new byte[300];
        Arrays.fill(noText, (byte) 0x80);
        assertThat(Key.hashed(noText).length()).isEqualTo(169);
    }

    @Test
    @DisplayName("K12 a key that is short enough stays as it is")
    void shortKeyIsNotHashed() {
        SplittableRandom random = new SplittableRandom(12);
        for (int length = 1; length <= 250; length++) {
            byte[] bytes = visible(random, length);
            assertThat(Key.hashed(bytes)).isEqualTo(Key.of(bytes));
        }
        assertThat(Key.hashed("é".repeat(125))).isEqualTo(Key.of("é".repeat(125)));
    }

    @Test
    @DisplayName("K12 nobody can write the replacement of another key")
    void replacementIsReplaced() {
        for (String text : new String[] {"k".repeat(300), "€".repeat(100), "x" + "😀".repeat(100)}) {
            Key first = Key.hashed(text);
            Key second = Key.hashed(first.toBytes());

            assertThat(second).isNotEqualTo(first);
            assertThat(Key.hashed(second.toBytes())).isNotIn(first, second);
        }
    }

    @Test
    @DisplayName("K12 keys that differ anywhere stay different")
    void hashesDiffer() {
        SplittableRandom random = new SplittableRandom(13);
        Map<Key, byte[]> seen = new HashMap<>();
        byte[] bytes = visible(random, 400);
        for (int i = 0; i < 2000; i++) {
            byte[] changed = bytes.clone();
            int at = random.nextInt(changed.length);
            changed[at] = (byte) random.nextInt(0x80, 0x100);
            byte[] old = seen.put(Key.hashed(changed), changed);
            assertThat(old == null || Arrays.equals(old, changed)).isTrue();
        }
        assertThat(Key.hashed("k".repeat(251))).isNotEqualTo(Key.hashed("k".repeat(252)));
    }

    @Test
    @DisplayName("K2 K3 K4 K6 a long key has the rules of a short one")
    void hashedKeyIsValidated() {
        String tail = "k".repeat(300);

        assertThatExceptionOfType(MemcachedException.InvalidKey.class).isThrownBy(() -> Key.hashed(""));
        for (String forbidden : new String[] {" ", "\n", "\0", "\u007f", "\ud83d"}) {
            assertThatExceptionOfType(MemcachedException.InvalidKey.class)
                    .isThrownBy(() -> Key.hashed(tail + forbidden));
        }
        assertThatExceptionOfType(MemcachedException.InvalidKey.class).isThrownBy(() -> Key.hashed(new byte[300]));
    }

    @Test
    void hashedAndBinaryKeysAreCopiedIn() {
        byte[] bytes = {'a'};
        Key hashed = Key.hashed(bytes);
        Key binary = Key.binary(bytes);
        Key hashedBinary = Key.hashedBinary(bytes);
        Key routed = hashed.withRoutingKey(bytes);
        bytes[0] = 'b';

        assertThat(hashed.toBytes()).containsExactly('a');
        assertThat(binary.toBytes()).containsExactly('a');
        assertThat(hashedBinary.toBytes()).containsExactly('a');
        assertThat(routing(routed)).containsExactly('a');
    }

    @Test
    void routingKeyIsKeptBesideTheKey() {
        Key key = Key.of("user:42:name").withRoutingKey("a\né");

        assertThat(routing(key)).isEqualTo("a\né".getBytes(UTF_8));
        assertThat(key.toBytes()).isEqualTo("user:42:name".getBytes(UTF_8));
        assertThat(routing(key.withRoutingKey("b"))).containsExactly('b');
        assertThat(key.withRoutingKey("b").length()).isEqualTo(12);
        assertThat(Key.binary(new byte[1]).withRoutingKey("b").isBinary()).isTrue();
        assertThat(Key.of("a").routingKeyLength()).isZero();
        assertThat(key.withRoutingKey(new byte[250]).routingKeyLength()).isEqualTo(250);
    }

    @Test
    void routingKeyIsLimited() {
        Key key = Key.of("a");

        assertThatExceptionOfType(MemcachedException.InvalidKey.class).isThrownBy(() -> key.withRoutingKey(""));
        assertThatExceptionOfType(MemcachedException.InvalidKey.class)
                .isThrownBy(() -> key.withRoutingKey(new byte[251]))
                .withMessageContaining("a routing key has 1 to 250 bytes, not 251");
        assertThatExceptionOfType(MemcachedException.InvalidKey.class).isThrownBy(() -> key.withRoutingKey("\ude00"));
    }

    @Test
    @DisplayName("K9 duplicates are found: the same bytes, kind and routing key")
    void equalityGoesByBytesKindAndRoutingKey() {
        byte[] bytes = {'a'};
        Key text = Key.of(bytes);
        Key binary = Key.binary(bytes);

        assertThat(binary).isEqualTo(Key.binary(bytes)).hasSameHashCodeAs(Key.binary(bytes));
        assertThat(binary).isNotEqualTo(text);
        assertThat(text.withRoutingKey("r"))
                .isEqualTo(text.withRoutingKey("r".getBytes(UTF_8)))
                .hasSameHashCodeAs(text.withRoutingKey("r"))
                .isNotEqualTo(text)
                .isNotEqualTo(text.withRoutingKey("s"))
                .isNotEqualTo(binary.withRoutingKey("r"));
        assertThat(Key.hashed("k".repeat(300)))
                .isEqualTo(Key.hashed("k".repeat(300).getBytes(UTF_8)));
    }

    @Test
    void textSaysKindAndRoutingKey() {
        Key binary = Key.binary(new byte[] {'a', ' ', '\n', 0, (byte) 0xff, 0x7f});

        assertThat(binary).hasToString("a\\x20\\x0a\\x00\\xff\\x7f [binary]");
        assertThat(Key.of("a").withRoutingKey("r\n")).hasToString("a [route=r<U+000A>]");
        assertThat(binary.withRoutingKey(new byte[] {(byte) 0xff, 1}))
                .hasToString("a\\x20\\x0a\\x00\\xff\\x7f [binary, route=\\xff\\x01]");
    }

    private static String hashed(String text) {
        return new String(Key.hashed(text).toBytes(), UTF_8);
    }

    private static byte[] routing(Key key) {
        byte[] routing = new byte[key.routingKeyLength()];
        key.copyRoutingKeyTo(MemorySegment.ofArray(routing), 0);
        return routing;
    }

    private static byte[] visible(SplittableRandom random, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) random.nextInt('!', '~');
        }
        return bytes;
    }

    private static void assertInvalidBinary(byte[] raw, String reason) {
        assertThatExceptionOfType(MemcachedException.InvalidKey.class)
                .isThrownBy(() -> Key.binary(raw))
                .withMessageContaining(reason);
    }

    private static void assertInvalid(String text, String reason) {
        assertThatExceptionOfType(MemcachedException.InvalidKey.class)
                .isThrownBy(() -> Key.of(text))
                .withMessageContaining(reason);
    }
}
