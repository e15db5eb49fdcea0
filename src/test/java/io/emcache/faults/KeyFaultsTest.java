package io.emcache.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.Key;
import io.emcache.MemcachedException;
import io.emcache.MemcachedException.InvalidKey;
import io.emcache.MemcachedException.ProtocolViolation;
import io.emcache.MemcachedException.ServerError;
import io.emcache.MemcachedException.Unsupported;
import io.emcache.MultiResult;
import io.emcache.StoreResult;
import io.emcache.Ttl;
import io.emcache.testkit.Answer;
import io.emcache.testkit.FakeMemcached;
import io.emcache.testkit.KeyTaggedValues;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.Request;
import io.emcache.testkit.ScriptedServer;
import io.emcache.testkit.WithMemcached;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.DisplayName;

/** Keys that a server could misread, from the call to the wire and back. */
@NoLeaks
@WithMemcached
class KeyFaultsTest {
    private static final String KEY = "user:1";
    private static final byte[] VALUE = KeyTaggedValues.make(KEY, 300, 1);
    private static final byte[] OTHER = KeyTaggedValues.make("other", 300, 2);

    private final MemcachedServer server;

    KeyFaultsTest(MemcachedServer server) {
        this.server = server;
    }

    private Rig connect(Setup setup) {
        return Rig.connect(setup, server.uri(), UnaryOperator.identity());
    }

    /** The longest binary key, with everything in it that has a meaning on the wire. */
    private static byte[] evilBytes() {
        byte[] raw = new byte[Key.MAX_BINARY_LENGTH];
        for (int i = 0; i < raw.length; i++) {
            raw[i] = (byte) (i * 7);
        }
        byte[] command = "a\r\nflush_all\r\n\0 \t".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(command, 0, raw, 0, command.length);
        return raw;
    }

    @InEveryMeta
    @DisplayName("K3 K4 K7 a binary key of 186 bytes, line ends and NUL in it, names one item")
    void k7_binaryKey(Setup setup) {
        try (Rig rig = connect(setup)) {
            Key key = Key.binary(evilBytes());
            byte[] near = evilBytes();
            near[near.length - 1]++;
            Key neighbour = Key.binary(near);
            assertThat(rig.call(c -> c.set(key, VALUE), a -> a.set(key, VALUE)).value())
                    .isEqualTo(StoreResult.STORED);
            assertThat(rig.call(c -> c.set(neighbour, OTHER), a -> a.set(neighbour, OTHER))
                            .value())
                    .isEqualTo(StoreResult.STORED);
            assertThat(rig.call(c -> c.get(key), a -> a.get(key)).value()).isEqualTo(VALUE);
            assertThat(rig.call(c -> c.get(neighbour), a -> a.get(neighbour)).value())
                    .isEqualTo(OTHER);
            assertThat(rig.call(c -> c.delete(key), a -> a.delete(key)).value()).isTrue();
            assertThat(rig.call(c -> c.get(key), a -> a.get(key)).value()).isNull();
            assertThat(rig.counters().connectionsLost.sum()).isZero();
            rig.assertWorksAgain();
        }
    }

    @InEveryMeta
    @DisplayName("K7 a binary key is not the text key that looks like its base64")
    void k7_base64IsNoText(Setup setup) {
        try (Rig rig = connect(setup)) {
            byte[] raw = {'a', 0, 'b'};
            Key binary = Key.binary(raw);
            String text = Base64.getEncoder().encodeToString(raw);
            rig.call(c -> c.set(binary, VALUE), a -> a.set(binary, VALUE)).value();
            rig.set(text, OTHER).value();
            assertThat(rig.call(c -> c.get(binary), a -> a.get(binary)).value()).isEqualTo(VALUE);
            assertThat(rig.get(text).value()).isEqualTo(OTHER);
            rig.assertWorksAgain();
        }
    }

    @InEveryClassic
    @DisplayName("K7 in classic mode a binary key is refused with the reason, and never sent")
    void k7_binaryKeyNeedsMeta(Setup setup) {
        FakeMemcached fake = new FakeMemcached();
        try (ScriptedServer scripted = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, scripted)) {
            Key key = Key.binary(evilBytes());
            for (Call<?> call : List.of(
                    rig.call(c -> c.get(key), a -> a.get(key)),
                    rig.call(c -> c.set(key, VALUE), a -> a.set(key, VALUE)),
                    rig.call(c -> c.delete(key), a -> a.delete(key)),
                    rig.call(c -> c.increment(key, 1), a -> a.increment(key, 1)))) {
                assertThat(call.failure(Unsupported.class)).hasMessageContaining("binary key needs the meta commands");
            }
            assertThat(fake.requests()).extracting(Request::verb).containsOnly("version");
            rig.assertWorksAgain();
        }
    }

    @InEveryMeta
    @DisplayName("K8 a server that cannot decode a key: typed for a get, the end of the connection for a set")
    void k8_undecodable(Setup setup) {
        FakeMemcached fake = new FakeMemcached();
        Key key = Key.binary(evilBytes());
        try (ScriptedServer scripted = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, scripted)) {
            fake.onNext("mg", Answer.text("CLIENT_ERROR error decoding key\r\n"));
            assertThat(rig.call(c -> c.get(key), a -> a.get(key))
                            .failure(ServerError.class)
                            .line())
                    .isEqualTo("CLIENT_ERROR error decoding key");
            assertThat(rig.counters().connectionsLost.sum()).isZero();
            fake.onNext("ms", Answer.text("CLIENT_ERROR error decoding key\r\nERROR\r\n"));
            rig.call(c -> c.set(key, VALUE), a -> a.set(key, VALUE)).failure(ProtocolViolation.class);
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("K1 K11 the prefix of a namespace counts; what is too long with it names it and is not sent")
    void k11_namespace(Setup setup) {
        String prefix = "é".repeat(25);
        FakeMemcached fake = new FakeMemcached();
        try (ScriptedServer scripted = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, scripted)) {
            String longest = "k".repeat(200);
            rig.call(
                            c -> c.namespace(prefix).set(longest, VALUE),
                            a -> rig.client().namespace(prefix).async().set(longest, VALUE))
                    .value();
            assertThat(rig.get(prefix + longest).value()).isEqualTo(VALUE);
            int sent = fake.requests().size();
            InvalidKey failure = rig.call(
                            c -> c.namespace(prefix).set(longest + "k", VALUE),
                            a -> rig.client().namespace(prefix).async().set(longest + "k", VALUE))
                    .failure(InvalidKey.class);
            assertThat(failure).hasMessageContaining("251").hasMessageContaining("50 of them the prefix");
            assertThat(fake.requests()).hasSize(sent);
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("K6 two normal forms of one text are two keys")
    void k6_normalForms(Setup setup) {
        try (Rig rig = connect(setup)) {
            String composed = Normalizer.normalize("schlüssel-é", Normalizer.Form.NFC);
            String decomposed = Normalizer.normalize(composed, Normalizer.Form.NFD);
            rig.set(composed, VALUE).value();
            rig.set(decomposed, OTHER).value();
            assertThat(rig.get(composed).value()).isEqualTo(VALUE);
            assertThat(rig.get(decomposed).value()).isEqualTo(OTHER);
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("K12 long keys that are hashed on demand: stored, found, told apart; the wire sees 250 bytes at most")
    void k12_hashedKeys(Setup setup) {
        FakeMemcached fake = new FakeMemcached();
        try (ScriptedServer scripted = ScriptedServer.start(fake);
                Rig rig = Rig.connect(setup, scripted.uri(), options -> options.hashLongKeys(true))) {
            String one = "long:" + "x".repeat(1_000) + "1";
            String two = "long:" + "x".repeat(1_000) + "2";
            rig.set(one, VALUE).value();
            rig.set(two, OTHER).value();
            assertThat(rig.get(one).value()).isEqualTo(VALUE);
            assertThat(rig.get(two).value()).isEqualTo(OTHER);
            assertThat(rig.delete(one).value()).isTrue();
            assertThat(rig.get(one).value()).isNull();
            List<String> keys = fake.requests().stream()
                    .filter(request -> !request.verb().equals("version"))
                    .map(Request::key)
                    .distinct()
                    .toList();
            assertThat(keys)
                    .hasSize(2)
                    .allSatisfy(key -> assertThat(key).startsWith("long:xxx").hasSizeLessThanOrEqualTo(Key.MAX_LENGTH));
            rig.assertWorksAgain();
        }
    }

    @InEveryMeta
    @DisplayName("K3 K7 K9 a getAll of binary keys, text keys that look like them, and duplicates")
    void k9_binaryAndTextKeysAtOnce(Setup setup) {
        try (Rig rig = connect(setup)) {
            Key binary = Key.binary(evilBytes());
            Key text = Key.of(Base64.getEncoder().encodeToString(evilBytes()));
            rig.call(c -> c.set(binary, VALUE), a -> a.set(binary, VALUE)).value();
            rig.call(c -> c.set(text, OTHER), a -> a.set(text, OTHER)).value();
            List<Key> keys = List.of(binary, text, Key.of("absent"), Key.binary(evilBytes()), text);
            MultiResult<Key, byte[]> many =
                    rig.call(c -> c.getAllByKey(keys), a -> a.getAllByKey(keys)).value();
            assertThat(many.hits())
                    .containsOnlyKeys(binary, text)
                    .containsEntry(binary, VALUE)
                    .containsEntry(text, OTHER);
            assertThat(many.misses()).containsExactly(Key.of("absent"));
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("K11 a getAll in a namespace asks for prefixed keys and names them without")
    void k11_getAllInANamespace(Setup setup) {
        try (Rig rig = connect(setup)) {
            rig.set("shop:" + KEY, VALUE).value();
            rig.set(KEY, OTHER).value();
            List<String> keys = List.of(KEY, "absent");
            MultiResult<String, byte[]> many = rig.call(
                            c -> c.namespace("shop:").getAll(keys),
                            a -> rig.client().namespace("shop:").async().getAll(keys))
                    .value();
            assertThat(many.hits()).containsOnlyKeys(KEY).containsEntry(KEY, VALUE);
            assertThat(many.misses()).containsExactly("absent");
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("C21 a gatAll of the longest keys goes in lines that the server takes")
    void c21_gatAllOfLongKeys(Setup setup) {
        try (Rig rig = connect(setup)) {
            Map<String, byte[]> values = new LinkedHashMap<>();
            for (int i = 0; i < 100; i++) {
                String key = "gat:%03d:".formatted(i) + "k".repeat(Key.MAX_LENGTH - 8);
                values.put(key, KeyTaggedValues.make(key, 400, i));
            }
            assertThat(rig.call(c -> c.setAll(values), a -> a.setAll(values))
                            .value()
                            .isComplete())
                    .isTrue();
            Ttl ttl = Ttl.of(Duration.ofMinutes(5));
            MultiResult<String, byte[]> many = rig.call(
                            c -> c.gatAll(values.keySet(), ttl), a -> a.gatAll(values.keySet(), ttl))
                    .value();
            assertThat(many.hits()).containsOnlyKeys(values.keySet());
            many.hits().forEach(KeyTaggedValues::verify);
            assertThat(rig.counters().connectionsLost.sum()).isZero();
            rig.assertWorksAgain();
        }
    }

    @InEverySetup
    @DisplayName("C2 A23 a getAll whose time is over before it is sent: every key is a time-out")
    void c2_getAllWithoutTime(Setup setup) {
        AtomicLong leapNs = new AtomicLong();
        AtomicLong lostNs = new AtomicLong();
        LongSupplier clock = () -> System.nanoTime() + lostNs.addAndGet(leapNs.get());
        try (Rig rig = Rig.connect(setup, server.uri(), options -> options.nanoClock(clock))) {
            List<String> keys = List.of(KEY, "absent");
            leapNs.set(TimeUnit.SECONDS.toNanos(10));
            Call<MultiResult<String, byte[]>> call = rig.getAll(keys);
            MultiResult<String, byte[]> many = call.value();
            leapNs.set(0);
            assertThat(many.failures()).containsOnlyKeys(keys);
            assertThat(many.failures().values()).allSatisfy(e -> assertThat(e).isInstanceOf(MemcachedException.class));
        }
    }

    @InEverySetup
    @DisplayName("K9 a key that is asked for twice at once, by two calls: both get the value")
    void k9_twoCallsForOneKey(Setup setup) {
        try (Rig rig = connect(setup)) {
            rig.set(KEY, VALUE).value();
            List<Call<byte[]>> calls = Arrays.asList(rig.get(KEY), rig.get(KEY), rig.get(KEY), rig.get(KEY));
            calls.forEach(call -> assertThat(call.value()).isEqualTo(VALUE));
            List<String> keys = List.of(KEY, "absent", KEY, KEY);
            assertThat(rig.getAll(keys).value().hits()).containsOnlyKeys(KEY).containsEntry(KEY, VALUE);
            rig.assertWorksAgain();
        }
    }
}
