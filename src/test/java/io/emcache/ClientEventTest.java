package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClientEventTest {
    @Test
    void foreignTextIsCutToOneLine() {
        String foreign = "CLIENT_ERROR\r\n" + "x".repeat(300);
        String quotable = "CLIENT_ERROR??" + "x".repeat(242);

        assertThat(new ClientEvent.AuthenticationFailed("cache:1", foreign).reason())
                .isEqualTo(quotable);
        assertThat(new ClientEvent.NoReplyFailed("cache:1", "set", foreign, false).reason())
                .isEqualTo(quotable);
        assertThat(new ClientEvent.DiscoveryFailed(foreign).reason()).isEqualTo(quotable);
    }
}
