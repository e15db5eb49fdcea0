package io.emcache.internal.client;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.emcache.Key;
import io.emcache.MemcachedException;
import io.emcache.internal.memory.KeyScratch;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.Base64;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rows K1 to K7, K11 and K12, with and without a prefix: which bytes a key becomes. */
class KeySpaceTest {
    private static final KeySpace PLAIN = KeySpace.root(false);
    private static final KeySpace HASHING = KeySpace.root(true);
    private static final KeySpace APP = PLAIN.namespace("app:");
    private static final KeySpace HASHING_APP = HASHING.namespace("app:");

    private final MemorySegment scratch = MemorySegment.ofArray(new byte[KeyScratch.SIZE_BYTES]);

    @Test
    @DisplayName("K1 the limit is 250 bytes, encoded and with the prefix")
    void lengthIsLimitedInBytes() {
        assertThat(wire(PLAIN, "k".repeat(250))).hasSize(250);
        assertThat(wire(PLAIN, "é".repeat(125))).hasSize(250);
        assertThat(wire(APP, "k".repeat(246))).hasSize(250);
        assertThat(wire(APP, Key.of("k".repeat(246)))).hasSize(250);
        assertInvalid(PLAIN, "k".repeat(251), "at most 250 bytes");
        assertInvalid(PLAIN, "é".repeat(126), "at most 250 bytes, not 252");
        assertInvalid(APP, "k".repeat(251), "at most 250 bytes, not 251");
    }

    @Test
    @DisplayName("K2 an empty key is refused, also behind a prefix and with hashing")
    void emptyKeyIsRefused() {
        for (KeySpace space : new KeySpace[] {PLAIN, HASHING, APP, HASHING_APP}) {
            assertInvalid(space, "", "must not be empty");
        }
    }

    @ParameterizedTest
    @DisplayName("K3 K4 K5 space, line end, NUL and controls are refused with their place, in short keys and long ones")
    @ValueSource(ints = {' ', '\r', '\n', 0, '\t', 0x01, 0x1f, 0x7f})
    void spaceAndControlAreRefused(int character) {
        String key = "ab" + (char) character;
        for (KeySpace space : new KeySpace[] {PLAIN, HASHING, APP, HASHING_APP}) {
            assertInvalid(space, key, "byte 2 is 0x%02x".formatted(character));
        }
        assertInvalid(APP, "k".repeat(247) + (char) character, "byte 247 is 0x%02x".formatted(character));
        assertInvalid(HASHING, "k".repeat(300) + (char) character, "byte 300 is 0x%02x".formatted(character));
    }

    @Test
    @DisplayName("K3 K4 K7 a binary key is sent as padded base64 of prefix and bytes")
    void binaryKeyIsBase64() {
        byte[] raw = {'a', ' ', '\r', '\n', 0, (byte) 0xff};

        assertThat(wire(PLAIN, Key.binary(raw)))
                .isEqualTo(Base64.getEncoder().encode(raw))
                .hasSize(8);
        assertThat(wire(APP, Key.binary(raw))).isEqualTo(Base64.getEncoder().encode(concat("app:", raw)));
        assertThat(new String(wire(PLAIN, Key.binary(new byte[] {1})), UTF_8)).isEqualTo("AQ==");
    }

    @Test
    @DisplayName("K5 bytes from 0x80 on are allowed")
    void highBytesAreSentAsTheyAre() {
        byte[] bytes = {(byte) 0x80, (byte) 0xff, (byte) 0xc0};

        assertThat(wire(PLAIN, Key.of(bytes))).isEqualTo(bytes);
        assertThat(wire(APP, Key.of(bytes))).isEqualTo(concat("app:", bytes));
    }

    @Test
    @DisplayName("K6 text is UTF-8, not normalised, and no half of a surrogate pair")
    void textIsUtf8() {
        assertThat(wire(APP, "é€😀")).isEqualTo("app:é€😀".getBytes(UTF_8));
        assertThat(wire(APP, "\u00e9")).isNotEqualTo(wire(APP, "e\u0301"));
        for (KeySpace space : new KeySpace[] {PLAIN, HASHING, APP, HASHING_APP}) {
            assertInvalid(space, "a\ud83d", "surrogate");
        }
        assertInvalid(HASHING_APP, "k".repeat(300) + "\ud83d", "surrogate");
    }

    @Test
    @DisplayName("K7 every length of a binary key, up to 186 bytes with the prefix")
    void everyLengthOfABinaryKey() {
        SplittableRandom random = new SplittableRandom(7);
        for (int length = 1; length <= 186; length++) {
            byte[] raw = new byte[length];
            random.nextBytes(raw);
            Key key = Key.binary(raw);

            assertThat(wire(PLAIN, key)).isEqualTo(Base64.getEncoder().encode(raw));
            if (length <= 182) {
                assertThat(wire(APP, key)).isEqualTo(Base64.getEncoder().encode(concat("app:", raw)));
            } else {
                assertInvalid(APP, key, "a binary key has at most 186 bytes; this one has " + (length + 4));
            }
        }
    }

    @Test
    @DisplayName("K7 K12 a binary key that is too long with its prefix is hashed on demand")
    void longBinaryKeyIsHashed() {
        byte[] raw = new byte[183];
        raw[182] = 1;
        byte[] expected = Key.hashedBinary(concat("app:", raw)).toBytes();

        assertThat(wire(HASHING_APP, Key.binary(raw)))
                .isEqualTo(Base64.getEncoder().encode(expected));
        assertThat(route(HASHING_APP, Key.binary(raw))).isEqualTo(expected);
    }

    @Test
    @DisplayName("K11 if only the prefix makes a key too long, the message names it")
    void prefixIsNamed() {
        String key = "k".repeat(247);

        assertInvalid(APP, key, "a key has at most 250 bytes; this one has 251, 4 of them the prefix 'app:'");
        assertInvalid(APP, Key.of(key), "a key has at most 250 bytes; this one has 251, 4 of them the prefix 'app:'");
        assertThatExceptionOfType(MemcachedException.InvalidKey.class)
                .isThrownBy(() -> APP.encodeRoute(Key.of(key), scratch))
                .withMessageContaining("'app:'");
        assertInvalid(PLAIN.namespace("a\u2028"), key, "'a<U+2028>'");
        assertInvalid(APP, Key.binary(new byte[183]), "this one has 187, 4 of them the prefix 'app:'");
        assertThatExceptionOfType(MemcachedException.InvalidKey.class)
                .isThrownBy(() -> APP.encode("k".repeat(300), scratch))
                .withMessageNotContaining("app:");
    }

    @Test
    @DisplayName("K12 prefix and key are hashed together, the prefix stays readable")
    void longKeyIsHashedWithItsPrefix() {
        String key = "k".repeat(247);

        assertThat(wire(HASHING_APP, key))
                .isEqualTo(Key.hashed("app:" + key).toBytes())
                .startsWith("app:kkkk".getBytes(UTF_8));
        assertThat(wire(HASHING_APP, Key.of(key))).isEqualTo(wire(HASHING_APP, key));
        assertThat(wire(HASHING, "é".repeat(126)))
                .isEqualTo(Key.hashed("é".repeat(126)).toBytes());
        assertThat(wire(HASHING, "k".repeat(1 << 20)))
                .isEqualTo(Key.hashed("k".repeat(1 << 20)).toBytes());

        String prefix = "p".repeat(KeySpace.MAX_PREFIX_BYTES);
        assertThat(wire(HASHING.namespace(prefix), "k".repeat(200))).startsWith(prefix.getBytes(UTF_8));
    }

    @Test
    @DisplayName("K12 the item of a hashed key is reached by no other text")
    void replacementIsReplaced() {
        for (String key : new String[] {"k".repeat(300), "€".repeat(100), "x" + "😀".repeat(100)}) {
            byte[] hashed = wire(HASHING, key);
            String replacement = new String(hashed, UTF_8);

            assertThat(wire(HASHING, replacement))
                    .isNotEqualTo(hashed)
                    .isEqualTo(Key.hashed(replacement).toBytes());
            assertThat(wire(PLAIN, replacement)).isEqualTo(hashed);
            assertThat(wire(HASHING, Key.hashed(key))).isEqualTo(hashed);
        }
        String inner = new String(wire(HASHING_APP, "k".repeat(300)), UTF_8).substring("app:".length());
        assertThat(wire(HASHING_APP, inner)).isNotEqualTo(wire(HASHING_APP, "k".repeat(300)));
    }

    @Test
    void namespacesNest() {
        KeySpace nested = APP.namespace("é:").namespace("");

        assertThat(nested.prefix()).isEqualTo("app:é:");
        assertThat(wire(nested, "k")).isEqualTo("app:é:k".getBytes(UTF_8));
        assertThat(APP.prefix()).isEqualTo("app:");
        assertThat(PLAIN.prefix()).isEmpty();
        assertThat(APP.namespace("")).isSameAs(APP);
    }

    @Test
    void namespaceIsValidated() {
        assertThat(PLAIN.namespace("é".repeat(64)).prefix()).hasSize(64);
        assertNoNamespace("é".repeat(63), "at most 128 bytes, not 130");
        assertNoNamespace("k".repeat(300), "300");
        assertNoNamespace("a b", "byte 1 is 0x20");
        assertNoNamespace("a\n", "byte 1 is 0x0a");
        assertNoNamespace("\ud83d", "surrogate");
    }

    @Test
    void nullIsRefused() {
        assertThatNullPointerException().isThrownBy(() -> PLAIN.encode(nothing(), scratch));
        assertThatNullPointerException().isThrownBy(() -> APP.encodeRoute(nothing(), scratch));
    }

    @Test
    void routeIsTheRoutingKeyInEveryNamespace() {
        Key key = Key.of("user:42:name").withRoutingKey("user 42");
        Key binary = Key.binary(new byte[3]).withRoutingKey(new byte[250]);

        for (KeySpace space : new KeySpace[] {PLAIN, HASHING, APP, HASHING_APP}) {
            assertThat(route(space, key)).isEqualTo("user 42".getBytes(UTF_8));
            assertThat(route(space, binary)).isEqualTo(new byte[250]);
        }
        assertThat(wire(APP, key)).isEqualTo("app:user:42:name".getBytes(UTF_8));
        assertThat(KeySpace.routesByWire(key)).isFalse();
        assertThat(KeySpace.routesByWire(binary)).isFalse();
    }

    @Test
    void routeOfABinaryKeyIsNotItsBase64() {
        byte[] raw = {0, ' ', (byte) 0xff};

        assertThat(route(PLAIN, Key.binary(raw))).isEqualTo(raw);
        assertThat(route(APP, Key.binary(raw))).isEqualTo(concat("app:", raw));
        assertThat(KeySpace.routesByWire(Key.binary(raw))).isFalse();
        assertThat(KeySpace.isBinary(Key.binary(raw))).isTrue();
    }

    @Test
    void otherKeysRouteByWire() {
        for (Object key : new Object[] {"user:42", Key.of("user:42"), "é".repeat(125), "k".repeat(300)}) {
            assertThat(KeySpace.routesByWire(key)).isTrue();
            assertThat(KeySpace.isBinary(key)).isFalse();
            assertThat(route(HASHING_APP, key)).isEqualTo(wire(HASHING_APP, key));
        }
    }

    @Test
    void anyKeyIsWhatTheModelSays() {
        SplittableRandom random = new SplittableRandom(3);
        int[] limits = {0x7f, 0x7f, 0x800, 0xd800, 0x1ffff};
        for (int i = 0; i < 20_000; i++) {
            String prefix = text(random, random.nextInt(8), 0x800);
            String key = text(random, random.nextInt(1, 270), limits[random.nextInt(limits.length)]);
            if (random.nextInt(4) == 0) {
                String hashed = new String(Key.hashed(key + "k".repeat(250)).toBytes(), UTF_8);
                key = hashed.substring(hashed.offsetByCodePoints(0, random.nextInt(4)));
            }
            KeySpace plain = PLAIN.namespace(prefix);
            KeySpace hashing = HASHING.namespace(prefix);
            byte[] whole = (prefix + key).getBytes(UTF_8);

            assertThat(wire(hashing, key)).isEqualTo(Key.hashed(whole).toBytes());
            if (whole.length <= 250) {
                assertThat(wire(plain, key)).isEqualTo(whole);
                assertThat(wire(plain, Key.of(key))).isEqualTo(whole);
                assertThat(wire(hashing, Key.of(key))).isEqualTo(whole);
            } else {
                assertInvalid(plain, key, "at most 250 bytes");
            }
        }
    }

    private static String text(SplittableRandom random, int characters, int limit) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < characters; i++) {
            int codePoint = random.nextInt('!', limit);
            boolean refused = codePoint == 0x7f || (codePoint >= 0xd800 && codePoint <= 0xdfff);
            text.appendCodePoint(refused ? '~' : codePoint);
        }
        return text.toString();
    }

    private byte[] wire(KeySpace space, Object key) {
        return written(space.encode(key, scratch));
    }

    private byte[] route(KeySpace space, Object key) {
        return written(space.encodeRoute(key, scratch));
    }

    private byte[] written(int length) {
        byte[] bytes = scratch.asSlice(0, length).toArray(JAVA_BYTE);
        scratch.fill((byte) 0x55);
        return bytes;
    }

    private static byte[] concat(String prefix, byte[] raw) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(prefix.getBytes(UTF_8));
        out.writeBytes(raw);
        return out.toByteArray();
    }

    @SuppressWarnings("NullAway")
    private static Object nothing() {
        return null;
    }

    private void assertInvalid(KeySpace space, Object key, String reason) {
        assertThatExceptionOfType(MemcachedException.InvalidKey.class)
                .isThrownBy(() -> space.encode(key, scratch))
                .withMessageContaining(reason);
    }

    private static void assertNoNamespace(String more, String reason) {
        assertThatExceptionOfType(MemcachedException.InvalidKey.class)
                .isThrownBy(() -> APP.namespace(more))
                .withMessageContaining(reason);
    }
}
