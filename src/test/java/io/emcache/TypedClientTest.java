package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.awaitility.Awaitility.await;

import io.emcache.spi.Codec;
import io.emcache.spi.EncodedValue;
import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Values of a type, over both faces and both protocols. */
@NoLeaks
@ParameterizedClass(name = "{0}")
@EnumSource
class TypedClientTest {
    private static final long COMPRESSED = 1L << 20;
    private static final String LONG_TEXT = "the quick brown fox; ".repeat(500);

    private static MemcachedServer server;

    @Parameter
    private Way way;

    private String prefix;
    private MemcachedClient client;

    enum Way {
        SYNC_META,
        SYNC_CLASSIC,
        ASYNC_META,
        ASYNC_CLASSIC;

        boolean isAsync() {
            return this == ASYNC_META || this == ASYNC_CLASSIC;
        }

        boolean isClassic() {
            return this == SYNC_CLASSIC || this == ASYNC_CLASSIC;
        }
    }

    @BeforeParameterizedClassInvocation
    static void startServer() {
        server = MemcachedServer.start();
    }

    @AfterParameterizedClassInvocation
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void open(TestInfo test) {
        prefix = test.getTestMethod().orElseThrow().getName();
        client = MemcachedClient.builder()
                .nodes(server.address())
                .connections(1)
                .timeout(Duration.ofSeconds(10))
                .connectionTimeout(Duration.ofSeconds(10))
                .forceClassic(way.isClassic())
                .connect();
    }

    @AfterEach
    void close() {
        client.close();
    }

    private String key(Object suffix) {
        return prefix + ":" + suffix;
    }

    private <T> TypedClient<T> typed(Codec<T> codec) {
        return typed(client, codec);
    }

    private <T> TypedClient<T> typed(MemcachedClient client, Codec<T> codec) {
        return way.isAsync() ? joined(client.async().typed(codec)) : client.typed(codec);
    }

    /** The async face, each call of which is waited for. */
    @SuppressWarnings("unchecked")
    private static <T> TypedClient<T> joined(AsyncTypedClient<T> async) {
        return (TypedClient<T>) Proxy.newProxyInstance(
                TypedClientTest.class.getClassLoader(), new Class<?>[] {TypedClient.class}, (_, method, arguments) -> {
                    Method twin = AsyncTypedClient.class.getMethod(method.getName(), method.getParameterTypes());
                    try {
                        return ((CompletableFuture<?>) twin.invoke(async, arguments)).get(10, TimeUnit.SECONDS);
                    } catch (InvocationTargetException | ExecutionException e) {
                        throw e.getCause();
                    }
                });
    }

    /** A codec of which one half is the test's. */
    private static Codec<String> codec(Supplier<EncodedValue> encode, Supplier<@Nullable String> decode) {
        return new Codec<>() {
            @Override
            public EncodedValue encode(String value) {
                return encode.get();
            }

            @Override
            @SuppressWarnings("NullAway") // a codec of somebody who does not check
            public String decode(byte[] value, long flags) {
                return decode.get();
            }
        };
    }

    private static EncodedValue plain(String text) {
        return new EncodedValue(text.getBytes(UTF_8), 0);
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> RuntimeException sneaky(Throwable thrown) throws E {
        throw (E) thrown;
    }

    @Test
    void textComesBack() {
        TypedClient<String> texts = typed(Codecs.utf8());
        for (String text : List.of("a", "", "é€😀", "\r\nEND\r\n", "\u0000", LONG_TEXT)) {
            assertThat(texts.set(key(1), text)).isEqualTo(StoreResult.STORED);
            assertThat(texts.get(key(1))).isEqualTo(text);
            assertThat(texts.get(Key.of(key(1)))).isEqualTo(text);
            assertThat(client.get(key(1))).isEqualTo(text.getBytes(UTF_8));
        }
    }

    @Test
    void missIsNull() {
        TypedClient<String> texts = typed(Codecs.utf8());

        assertThat(texts.get(key(1))).isNull();
        assertThat(texts.get(Key.of(key(1)))).isNull();
        assertThat(texts.gat(key(1), Ttl.NONE)).isNull();
        assertThat(texts.gat(Key.of(key(1)), Ttl.NONE)).isNull();
        assertThat(texts.getItem(key(1))).isNull();
        assertThat(texts.getItem(Key.of(key(1)))).isNull();
        assertThat(texts.gatItem(key(1), Ttl.NONE)).isNull();
        assertThat(texts.gatItem(Key.of(key(1)), Ttl.NONE)).isNull();
    }

    @Test
    void bytesPassAsTheyAre() {
        TypedClient<byte[]> bytes = typed(Codecs.bytes());
        byte[] value = {0, -1, 13, 10, 127};
        bytes.set(key(1), value);
        bytes.set(key(2), new byte[0]);

        assertThat(bytes.get(key(1))).isEqualTo(value);
        assertThat(bytes.get(key(2))).isEmpty();
        assertThat(bytes.getItem(key(2)).value()).isEmpty();
    }

    @Test
    void valuesAreNobodyElses() {
        TypedClient<byte[]> bytes = typed(Codecs.bytes());
        byte[] value = "mine".getBytes(UTF_8);
        bytes.set(key(1), value);
        value[0] = 'x';
        byte[] first = bytes.get(key(1));
        first[1] = 'x';

        assertThat(bytes.get(key(1))).isEqualTo("mine".getBytes(UTF_8));
    }

    @Test
    void arrayMayChangeAsSoonAsTheMethodReturns() throws Exception {
        byte[] value = "mine".getBytes(UTF_8);
        CompletableFuture<StoreResult> stored =
                client.async().typed(Codecs.bytes()).set(key(1), value);
        value[0] = 'x';
        stored.get(10, TimeUnit.SECONDS);

        assertThat(client.get(key(1))).isEqualTo("mine".getBytes(UTF_8));
    }

    @Test
    void mappedTypesComeBack() {
        TypedClient<UUID> ids = typed(Codecs.mapping(Codecs.utf8(), UUID::toString, UUID::fromString));
        UUID id = new UUID(1, 2);
        ids.set(key(1), id);
        client.set(key(2), "no id".getBytes(UTF_8));

        assertThat(ids.get(key(1))).isEqualTo(id);
        assertThatExceptionOfType(MemcachedException.Codec.class)
                .isThrownBy(() -> ids.get(key(2)))
                .withCauseInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void compressedValuesAreSmallerOnTheServer() {
        TypedClient<String> texts = typed(Compression.deflate(Codecs.utf8()));
        texts.set(key("long"), LONG_TEXT);
        texts.set(key("short"), "short");
        texts.set(key("empty"), "");

        assertThat(texts.get(key("long"))).isEqualTo(LONG_TEXT);
        assertThat(texts.get(key("short"))).isEqualTo("short");
        assertThat(texts.get(key("empty"))).isEmpty();
        Item<byte[]> stored = client.getItem(key("long"));
        assertThat(stored.flags()).isEqualTo(COMPRESSED);
        assertThat(stored.value()).hasSizeLessThan(LONG_TEXT.length() / 10);
        assertThat(texts.getItem(key("long")).size()).isEqualTo(stored.value().length);
        assertThat(client.getItem(key("short")).flags()).isZero();
    }

    @Test
    void valuesFromBeforeCompressionCanBeRead() {
        typed(Codecs.utf8()).set(key(1), LONG_TEXT);
        typed(Compression.deflate(Codecs.utf8())).set(key(2), LONG_TEXT);

        assertThat(typed(Compression.deflate(Codecs.utf8())).get(key(1))).isEqualTo(LONG_TEXT);
        assertThatExceptionOfType(MemcachedException.Codec.class)
                .isThrownBy(() -> typed(Codecs.utf8()).get(key(2)))
                .withMessageContaining("flags " + COMPRESSED);
    }

    @Test
    void sizeLimitIsThatOfTheBytes() {
        String tooLong = "x".repeat(2 << 20);

        assertThatExceptionOfType(MemcachedException.ValueTooLarge.class)
                .isThrownBy(() -> typed(Codecs.utf8()).set(key(1), tooLong));
        TypedClient<String> compressed = typed(Compression.deflate(Codecs.utf8()));
        assertThat(compressed.set(key(1), tooLong)).isEqualTo(StoreResult.STORED);
        assertThat(compressed.get(key(1))).isEqualTo(tooLong);
    }

    @Test
    void everyStoreWritesTheFlagsOfTheCodec() {
        TypedClient<String> texts = typed(Codecs.flagged(Codecs.utf8(), WriteOptions.MAX_FLAGS));
        WriteOptions hour = WriteOptions.of(Ttl.of(Duration.ofHours(1)));

        texts.set(key(0), "set");
        texts.set(key(1), "set", Ttl.of(Duration.ofHours(1)));
        texts.set(Key.of(key(2)), "set", hour);
        texts.add(key(3), "add");
        texts.add(key(4), "add", Ttl.of(Duration.ofHours(1)));
        texts.add(Key.of(key(5)), "add", hour);
        for (int i = 6; i < 9; i++) {
            client.set(key(i), plain("old").bytes());
        }
        texts.replace(key(6), "replace");
        texts.replace(key(7), "replace", Ttl.of(Duration.ofHours(1)));
        texts.replace(Key.of(key(8)), "replace", hour);

        for (int i = 0; i < 9; i++) {
            Item<byte[]> item = client.getItem(key(i));
            String verb = i < 3 ? "set" : i < 6 ? "add" : "replace";
            assertThat(item.value()).isEqualTo(verb.getBytes(UTF_8));
            assertThat(item.flags()).isEqualTo(WriteOptions.MAX_FLAGS);
            boolean lasting = i % 3 == 0;
            assertThat(item.ttl())
                    .satisfiesAnyOf(
                            ttl -> assertThat(ttl).isNull(),
                            ttl -> assertThat(ttl.equals(Ttl.NONE)).isEqualTo(lasting));
            assertThat(texts.get(key(i))).isEqualTo(verb);
        }
    }

    @Test
    void conditionsAreHeeded() {
        TypedClient<String> texts = typed(Codecs.utf8());

        assertThat(texts.replace(key(1), "a")).isEqualTo(StoreResult.NOT_STORED);
        assertThat(texts.add(key(1), "b")).isEqualTo(StoreResult.STORED);
        assertThat(texts.add(Key.of(key(1)), "c")).isEqualTo(StoreResult.NOT_STORED);
        assertThat(texts.replace(Key.of(key(1)), "d")).isEqualTo(StoreResult.STORED);
        assertThat(texts.get(key(1))).isEqualTo("d");
    }

    @Test
    void casStoresOnlyWhatNobodyChanged() {
        TypedClient<String> texts = typed(Codecs.flagged(Codecs.utf8(), 5));
        texts.set(key(1), "old");
        Item<String> read = texts.getItem(key(1));

        assertThat(read.value()).isEqualTo("old");
        assertThat(read.flags()).isEqualTo(5);
        assertThat(texts.cas(key(1), "new", read.cas())).isEqualTo(StoreResult.STORED);
        assertThat(texts.cas(Key.of(key(1)), "newer", read.cas())).isEqualTo(StoreResult.EXISTS);
        assertThat(texts.cas(key(2), "none", read.cas(), WriteOptions.NONE)).isEqualTo(StoreResult.NOT_FOUND);
        assertThat(texts.get(key(1))).isEqualTo("new");
        assertThatIllegalArgumentException().isThrownBy(() -> texts.cas(key(1), "never", 0));
    }

    @Test
    void gatReadsAndGivesTime() {
        TypedClient<String> texts = typed(Codecs.utf8());
        texts.set(key(1), "text");
        texts.set(key(2), "text");

        assertThat(texts.gat(key(1), Ttl.EXPIRE_NOW)).isEqualTo("text");
        assertThat(texts.get(key(1))).isNull();
        assertThat(texts.gatItem(Key.of(key(2)), Ttl.EXPIRE_NOW).value()).isEqualTo("text");
        assertThat(texts.get(key(2))).isNull();
    }

    @Test
    void writesWithoutReplyAreTrusted() {
        TypedClient<String> texts = typed(Codecs.flagged(Codecs.utf8(), 7));

        assertThat(texts.set(key(1), "text", WriteOptions.NONE.withNoReply())).isEqualTo(StoreResult.STORED);
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(texts.get(key(1))).isEqualTo("text"));
    }

    @Test
    void viewsKeepTheirPrefix() {
        TypedClient<String> texts = typed(client.namespace(prefix + "/"), Codecs.utf8());
        texts.set("k", "text");

        assertThat(texts.get(Key.of("k"))).isEqualTo("text");
        assertThat(client.get(prefix + "/k")).isEqualTo("text".getBytes(UTF_8));
    }

    @Test
    void manyAreReadWithWhatIsKnownOfThem() {
        TypedClient<String> texts = typed(Codecs.flagged(Codecs.utf8(), 9));
        for (int i = 0; i < 300; i += 2) {
            texts.set(key(i), "text " + i);
        }
        List<String> keys = IntStream.range(0, 300).mapToObj(this::key).toList();
        List<Key> sameKeys = keys.stream().map(Key::of).toList();

        MultiResult<String, String> values = texts.getAll(keys);
        assertThat(values.failures()).isEmpty();
        assertThat(values.hits()).hasSize(150).containsEntry(key(0), "text 0").containsEntry(key(298), "text 298");
        assertThat(values.hits().keySet())
                .containsExactlyElementsOf(keys.stream()
                        .filter(key -> !values.misses().contains(key))
                        .toList());
        assertThat(values.misses()).hasSize(150).contains(key(1), key(299));
        assertThat(texts.getAllByKey(sameKeys).hits()).hasSize(150).containsEntry(Key.of(key(2)), "text 2");
        assertThat(texts.gatAll(keys, Ttl.NONE).hits()).isEqualTo(values.hits());
        assertThat(texts.gatAllByKey(sameKeys, Ttl.NONE).hits()).hasSize(150);

        for (MultiResult<String, Item<String>> items :
                List.of(texts.getAllItems(keys), texts.gatAllItems(keys, Ttl.NONE))) {
            Item<String> item = items.hits().get(key(4));
            assertThat(items.hits()).hasSize(150);
            assertThat(items.misses()).isEqualTo(values.misses());
            assertThat(item.value()).isEqualTo("text 4");
            assertThat(item.flags()).isEqualTo(9);
            assertThat(item.cas()).isEqualTo(client.getItem(key(4)).cas());
        }
        assertThat(texts.getAllItemsByKey(sameKeys).hits()).hasSize(150);
        assertThat(texts.gatAllItemsByKey(sameKeys, Ttl.NONE).hits()).hasSize(150);
        assertThat(texts.getAll(List.of()).hits()).isEmpty();
    }

    @Test
    void ofManyOnlyWhatCannotBeDecodedFails() {
        TypedClient<String> texts = typed(Codecs.utf8());
        texts.set(key("good"), "text");
        client.set(key("foreign"), plain("text").bytes(), WriteOptions.NONE.withFlags(2));
        client.set(key("damaged"), new byte[] {(byte) 0xff});
        List<String> keys = List.of(key("damaged"), key("absent"), key("good"), key("foreign"));

        MultiResult<String, String> values = texts.getAll(keys);
        MultiResult<String, Item<String>> items = texts.getAllItems(keys);

        assertThat(values.hits()).containsOnlyKeys(key("good")).containsValue("text");
        assertThat(values.misses()).containsExactly(key("absent"));
        assertThat(values.failures()).containsOnlyKeys(key("damaged"), key("foreign"));
        assertThat(values.failures().values()).hasOnlyElementsOfType(MemcachedException.Codec.class);
        assertThat(items.hits()).containsOnlyKeys(key("good"));
        assertThat(items.failures()).containsOnlyKeys(key("damaged"), key("foreign"));
    }

    @Test
    void manyAreStoredWithTheFlagsOfEach() {
        TypedClient<String> texts = typed(Compression.deflate(Codecs.utf8()));
        Map<String, String> values = new LinkedHashMap<>();
        Map<Key, String> more = new LinkedHashMap<>();
        for (int i = 0; i < 200; i++) {
            values.put(key(i), i % 3 == 0 ? LONG_TEXT : "short");
            more.put(Key.of(key("more" + i)), i % 2 == 0 ? LONG_TEXT : "short");
        }

        MultiResult<String, StoreResult> stored = texts.setAll(values);
        assertThat(stored.orThrow()).hasSize(200).containsOnlyKeys(values.keySet());
        assertThat(stored.hits().values()).containsOnly(StoreResult.STORED);
        assertThat(texts.setAllByKey(more, WriteOptions.of(Ttl.of(Duration.ofHours(1))))
                        .orThrow())
                .hasSize(200);

        assertThat(texts.getAll(values.keySet()).orThrow()).isEqualTo(values);
        assertThat(texts.getAllByKey(more.keySet()).orThrow()).isEqualTo(more);
        assertThat(client.getItem(key(0)).flags()).isEqualTo(COMPRESSED);
        assertThat(client.getItem(key(1)).flags()).isZero();
    }

    @Test
    void noneOfManyIsStoredWhenOneCannotBe() {
        TypedClient<String> texts = typed(Codecs.utf8());
        Map<String, String> values = new LinkedHashMap<>(Map.of(key(1), "text"));
        values.put(key(2), "half a pair: \ud800");

        assertThatExceptionOfType(MemcachedException.Codec.class).isThrownBy(() -> texts.setAll(values));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> texts.setAll(Map.of(key(1), "text"), WriteOptions.NONE.withFlags(1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> texts.setAll(Map.of(key(1), "text"), WriteOptions.NONE.withNoReply()));
        assertThat(client.get(key(1))).isNull();
    }

    @Test
    void unknownFlagsAreAFailureAndNoGuess() {
        TypedClient<String> texts = typed(Codecs.utf8());
        for (long flags : new long[] {1, 2, 16, 32, COMPRESSED, WriteOptions.MAX_FLAGS}) {
            byte[] foreign = "\u0000\u0001".getBytes(UTF_8);
            client.set(key(1), foreign, WriteOptions.NONE.withFlags(flags));

            assertThatExceptionOfType(MemcachedException.Codec.class)
                    .isThrownBy(() -> texts.get(key(1)))
                    .withMessageContaining("flags " + flags);
            assertThatExceptionOfType(MemcachedException.Codec.class).isThrownBy(() -> texts.getItem(Key.of(key(1))));
            assertThatExceptionOfType(MemcachedException.Codec.class).isThrownBy(() -> texts.gat(key(1), Ttl.NONE));
            assertThat(client.get(key(1))).isEqualTo(foreign);
        }
    }

    @Test
    void flagsOfTheCallerAreRefused() {
        TypedClient<String> texts = typed(codec(
                () -> {
                    throw new AssertionError("encoded");
                },
                () -> "decoded"));
        WriteOptions flagged = WriteOptions.NONE.withFlags(1);

        assertThatIllegalArgumentException().isThrownBy(() -> texts.set(key(1), "text", flagged));
        assertThatIllegalArgumentException().isThrownBy(() -> texts.add(Key.of(key(1)), "text", flagged));
        assertThatIllegalArgumentException().isThrownBy(() -> texts.replace(key(1), "text", flagged));
        assertThatIllegalArgumentException().isThrownBy(() -> texts.cas(key(1), "text", 1, flagged));
        assertThat(client.get(key(1))).isNull();
    }

    @Test
    void optionsThatDoNotFitAreRefused() {
        TypedClient<String> texts = typed(Codecs.utf8());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> texts.set(key(1), "text", WriteOptions.NONE.withCreate(Ttl.NONE)));
        assertThat(client.get(key(1))).isNull();
    }

    @Test
    @SuppressWarnings({"NullAway", "DataFlowIssue"}) // callers that do not check
    void nullArgumentsAreRefused() {
        TypedClient<String> texts = typed(Codecs.utf8());

        assertThatNullPointerException().isThrownBy(() -> texts.set(key(1), null));
        assertThatNullPointerException().isThrownBy(() -> texts.set((String) null, "text"));
        assertThatNullPointerException().isThrownBy(() -> texts.set(key(1), "text", (Ttl) null));
        assertThatNullPointerException().isThrownBy(() -> texts.set(key(1), "text", (WriteOptions) null));
        assertThatNullPointerException().isThrownBy(() -> texts.get((Key) null));
        assertThatNullPointerException().isThrownBy(() -> typed(null));
        assertThat(client.get(key(1))).isNull();
    }

    @Test
    void whateverDecodingThrowsIsAFailureOfTheCodec() {
        client.set(key(1), plain("text").bytes());
        for (Throwable thrown : List.of(
                new IllegalStateException("state"),
                new StackOverflowError(),
                new AssertionError("error"),
                new IOException("checked"),
                new MemcachedException.InvalidKey("of another call"))) {
            TypedClient<String> broken = typed(codec(() -> plain(""), () -> {
                throw TypedClientTest.<RuntimeException>sneaky(thrown);
            }));

            assertThatExceptionOfType(MemcachedException.Codec.class)
                    .isThrownBy(() -> broken.get(key(1)))
                    .withCause(thrown)
                    .withMessageContaining("TypedClientTest");
            assertThatExceptionOfType(MemcachedException.Codec.class)
                    .isThrownBy(() -> broken.gatItem(Key.of(key(1)), Ttl.NONE))
                    .withCause(thrown);
        }
        assertThat(typed(Codecs.utf8()).get(key(1))).isEqualTo("text");
    }

    @Test
    void failureOfTheCodecItselfStaysAsItIs() {
        client.set(key(1), plain("text").bytes());
        MemcachedException.Codec mine = new MemcachedException.Codec("mine", null);
        TypedClient<String> broken = typed(codec(
                () -> {
                    throw mine;
                },
                () -> {
                    throw mine;
                }));

        assertThatExceptionOfType(MemcachedException.Codec.class)
                .isThrownBy(() -> broken.get(key(1)))
                .isSameAs(mine);
        assertThatExceptionOfType(MemcachedException.Codec.class)
                .isThrownBy(() -> broken.set(key(1), "new"))
                .isSameAs(mine);
    }

    @Test
    void nullIsAFailureOfTheCodec() {
        client.set(key(1), plain("text").bytes());
        @SuppressWarnings("NullAway") // a codec of somebody who does not check
        TypedClient<String> broken = typed(codec(() -> null, () -> null));

        assertThatExceptionOfType(MemcachedException.Codec.class).isThrownBy(() -> broken.get(key(1)));
        assertThatExceptionOfType(MemcachedException.Codec.class).isThrownBy(() -> broken.set(key(1), "new"));
        assertThat(client.get(key(1))).isEqualTo(plain("text").bytes());
    }

    @Test
    void nothingIsSentWhenEncodingFails() {
        client.set(key(1), plain("old").bytes());
        String sets = server.stats().get("cmd_set");
        for (Throwable thrown : List.of(new IllegalStateException("state"), new AssertionError("error"))) {
            TypedClient<String> broken = typed(codec(
                    () -> {
                        throw TypedClientTest.<RuntimeException>sneaky(thrown);
                    },
                    () -> ""));

            assertThatExceptionOfType(MemcachedException.Codec.class)
                    .isThrownBy(() -> broken.set(key(1), "new"))
                    .withCause(thrown)
                    .matches(e -> !e.isRetryable() && !e.outcomeUnknown());
            assertThatExceptionOfType(MemcachedException.Codec.class)
                    .isThrownBy(() -> broken.cas(Key.of(key(1)), "new", 1));
        }
        assertThat(client.get(key(1))).isEqualTo(plain("old").bytes());
        assertThat(server.stats().get("cmd_set")).isEqualTo(sets);
    }

    @Test
    void failuresOfTheCallAreThoseOfTheClient() {
        TypedClient<String> texts = typed(Codecs.utf8());

        assertThatExceptionOfType(MemcachedException.InvalidKey.class).isThrownBy(() -> texts.get("with space"));
        assertThatExceptionOfType(MemcachedException.InvalidKey.class).isThrownBy(() -> texts.set("", "text"));
        client.close();
        assertThatExceptionOfType(MemcachedException.Closed.class).isThrownBy(() -> texts.get(key(1)));
        assertThatExceptionOfType(MemcachedException.Closed.class).isThrownBy(() -> texts.set(key(1), "text"));
    }
}
