package io.emcache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.WithMemcached;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Items that a real server lets expire. */
@NoLeaks
@WithMemcached
class ExpiryTest {
    private final MemcachedServer server;

    ExpiryTest(MemcachedServer server) {
        this.server = server;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void itemsExpireWhenTheirTimeIsOver(boolean classic) {
        byte[] value = "value".getBytes(UTF_8);
        List<String> mortal = List.of("second", "instant", "shorter");
        try (MemcachedClient client = MemcachedClient.builder()
                .nodes(server.address())
                .forceClassic(classic)
                .timeout(Duration.ofSeconds(10))
                .connect()) {
            client.set("stays", value, Ttl.of(Duration.ofMinutes(5)));
            client.set("second", value, Ttl.of(Duration.ofSeconds(1)));
            client.set("instant", value, Ttl.at(Instant.now().plusSeconds(2)));
            client.set("shorter", value, Ttl.of(Duration.ofMillis(1)));

            await().atMost(Face.GUARD)
                    .until(() -> client.getAll(mortal).misses().size() == mortal.size());
            assertThat(client.get("stays")).isEqualTo(value);
        }
    }
}
