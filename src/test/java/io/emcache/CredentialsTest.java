package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class CredentialsTest {
    private static final String SECRET = "hunter2";

    @Test
    void nameAndPasswordComeBack() {
        Credentials credentials = Credentials.of("ada", SECRET.toCharArray());

        assertThat(credentials.username()).isEqualTo("ada");
        assertThat(credentials.password()).isEqualTo(SECRET.toCharArray());
        assertThat(Credentials.of("ada", SECRET)).isEqualTo(credentials);
    }

    @Test
    void passwordIsCopiedInAndOut() {
        char[] password = SECRET.toCharArray();
        Credentials credentials = Credentials.of("ada", password);
        password[0] = 'x';
        credentials.password()[1] = 'x';

        assertThat(credentials.password()).isEqualTo(SECRET.toCharArray());
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of("", SECRET, "username must not be empty"),
                Arguments.of("ada", "", "password must not be empty"),
                Arguments.of("a hunter2", "x", "username must not hold whitespace"),
                Arguments.of("ada", "hunter2 ", "password must not hold whitespace"),
                Arguments.of("ada", "hunter2\n", "password must not hold whitespace"),
                Arguments.of("ada", "hunter2\r\nflush_all", "password must not hold whitespace"),
                Arguments.of("ada", "hunter2\0", "control characters"),
                Arguments.of("ada\u007f", SECRET, "control characters"),
                Arguments.of("ada", "hunter2\u0085", "control characters"),
                Arguments.of("ada", "hunter2\u2003", "whitespace"),
                Arguments.of("ada\ud83d", SECRET, "username must not hold half a surrogate pair"),
                Arguments.of("ada", "\ude00hunter2", "password must not hold half a surrogate pair"),
                Arguments.of("ada", SECRET.repeat(73), "at most 512 bytes together, not 514"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatCannotBeSentIsRefusedAndNotRepeated(String username, String password, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Credentials.of(username, password))
                .withMessageContaining(message)
                .withMessageNotContaining(SECRET)
                .satisfies(e -> assertThat(e).hasNoCause());
    }

    @Test
    void sizeCountsInUtf8() {
        String half = "aé€\ud83d\ude00".repeat(25);

        assertThat(Credentials.of(half + "123456", half + "123456").password()).hasSize(131);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Credentials.of(half + "123456", half + "1234567"))
                .withMessageContaining("not 513");
    }

    @Test
    void othersAreNotEqual() {
        Credentials credentials = Credentials.of("ada", SECRET);

        assertThat(credentials)
                .isNotEqualTo(Credentials.of("ada", "hunter3"))
                .isNotEqualTo(Credentials.of("eve", SECRET))
                .hasSameHashCodeAs(Credentials.of("ada", "hunter3"));
    }

    @Test
    void textHoldsNeither() {
        assertThat(Credentials.of("ada", SECRET)).hasToString("Credentials[***]");
        assertThat(new FixedCredentials(Credentials.of("ada", SECRET)))
                .asString()
                .doesNotContain("ada", SECRET);
    }
}
