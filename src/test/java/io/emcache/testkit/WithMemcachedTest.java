package io.emcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.platform.testkit.engine.EngineTestKit;

final class WithMemcachedTest {
    private static final List<MemcachedServer> SEEN = new ArrayList<>();

    @WithMemcached({"-m", "48"})
    static final class Sharing {
        @BeforeAll
        static void classSeesIt(MemcachedServer server) {
            SEEN.add(server);
        }

        @Test
        void oneTestSeesIt(MemcachedServer server) {
            assertThat(server.stats()).containsEntry("limit_maxbytes", Integer.toString(48 << 20));
            SEEN.add(server);
        }

        @Test
        void anotherTestSeesIt(MemcachedServer server) {
            assertThat(server.isAlive()).isTrue();
            SEEN.add(server);
        }
    }

    @Test
    void classSharesOneServerThatEndsWithIt() {
        SEEN.clear();
        EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(Sharing.class))
                .execute()
                .testEvents()
                .assertStatistics(statistics -> statistics.succeeded(2));
        assertThat(SEEN).hasSize(3).containsOnly(SEEN.getFirst());
        assertThat(SEEN.getFirst().isAlive()).isFalse();
    }
}
