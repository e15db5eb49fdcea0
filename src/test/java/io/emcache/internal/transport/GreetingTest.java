package io.emcache.internal.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.Credentials;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said first, and what each answer means. */
final class GreetingTest {
    private static final String UNAUTHENTICATED = "CLIENT_ERROR unauthenticated";

    private final Greeting greeting = new Greeting();
    private final Login login = Login.of(Credentials.of("user", "secret".toCharArray()));

    private String say() {
        byte[] words = greeting.words();
        String text = words == null ? "" : new String(words, US_ASCII);
        greeting.said();
        return text;
    }

    @Test
    void versionComesFirst() {
        greeting.begin(null);
        assertThat(greeting.isUnanswered()).isTrue();
        assertThat(say()).isEqualTo("version\r\n");
        assertThat(greeting.words()).isNull();
        greeting.heard("VERSION 1.6.18");
        assertThat(greeting.version().minor()).isEqualTo(6);
        assertThat(greeting.isUnanswered()).isFalse();
        assertThat(greeting.isLoginUnneeded()).isFalse();
    }

    @Test
    void logsInWhenAskedAndForgetsThePassword() {
        greeting.begin(login);
        say();
        greeting.heard(UNAUTHENTICATED);
        assertThat(greeting.version()).isNull();
        assertThat(say()).isEqualTo("set _ _ _ 11\r\nuser secret\r\n");
        assertThat(login.command()).containsOnly(0);
        greeting.heard("STORED");
        assertThat(say()).isEqualTo("version\r\n");
        greeting.heard("VERSION 1.6.38");
        assertThat(greeting.version().patch()).isEqualTo(38);
        assertThat(greeting.isLoginUnneeded()).isFalse();
    }

    @Test
    void aServerThatAsksForNothingIsToldNothing() {
        greeting.begin(login);
        say();
        greeting.heard("VERSION 1.6.18");
        assertThat(say()).isEmpty();
        assertThat(greeting.isLoginUnneeded()).isTrue();
        greeting.end();
        assertThat(login.command()).containsOnly(0);
    }

    @Test
    void withoutCredentialsAServerThatAsksForThemServesNot() {
        greeting.begin(null);
        say();
        assertThatThrownBy(() -> greeting.heard(UNAUTHENTICATED))
                .isInstanceOf(AuthenticationException.class)
                .hasMessageContaining("asks for credentials");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"CLIENT_ERROR authentication failure", "ERROR", "CLIENT_ERROR user secret", "VERSION 1.6.18"})
    void whatARefusalSaysIsNotRepeated(String answer) {
        greeting.begin(login);
        say();
        greeting.heard(UNAUTHENTICATED);
        say();
        assertThatThrownBy(() -> greeting.heard(answer))
                .isInstanceOf(AuthenticationException.class)
                .hasMessage("the server refused the credentials");
    }

    @Test
    void isNotAskedTwice() {
        greeting.begin(login);
        say();
        greeting.heard(UNAUTHENTICATED);
        say();
        greeting.heard("STORED");
        say();
        assertThatThrownBy(() -> greeting.heard(UNAUTHENTICATED)).isInstanceOf(AuthenticationException.class);
    }

    @Test
    void otherRefusalsAreNoneOfTheCredentials() {
        greeting.begin(login);
        say();
        assertThatThrownBy(() -> greeting.heard("ERROR Too many open connections"))
                .isInstanceOf(RefusedException.class)
                .isNotInstanceOf(AuthenticationException.class)
                .hasMessageContaining("Too many open connections");
    }

    @Test
    void theNextConnectionBeginsAnew() {
        greeting.begin(login);
        say();
        greeting.heard(UNAUTHENTICATED);
        Login next = Login.of(Credentials.of("other", "pass".toCharArray()));
        greeting.begin(next);
        assertThat(login.command()).containsOnly(0);
        assertThat(say()).isEqualTo("version\r\n");
        greeting.heard(UNAUTHENTICATED);
        assertThat(say()).isEqualTo("set _ _ _ 10\r\nother pass\r\n");
    }

    @Test
    void lengthsAreThoseOfUtf8() {
        greeting.begin(Login.of(Credentials.of("ü", "€".toCharArray())));
        say();
        greeting.heard(UNAUTHENTICATED);
        assertThat(new String(greeting.words(), UTF_8)).isEqualTo("set _ _ _ 6\r\nü €\r\n");
    }

    @Test
    void aLoginDoesNotShowWhatItHolds() {
        assertThat(login).hasToString("Login[***]");
    }
}
