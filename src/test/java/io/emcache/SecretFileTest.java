package io.emcache;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretFileTest {
    @TempDir
    private Path directory;

    private Path file;

    @BeforeEach
    void nameFile() {
        file = directory.resolve("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n"})
    void lineEndIsNotPartOfThePassword(String end) throws IOException {
        Files.writeString(file, "hünter2€" + end);

        assertThat(SecretFile.read(file)).isEqualTo("hünter2€".toCharArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {" ", "\n", "\t"})
    void allElseIs(String end) throws IOException {
        Files.writeString(file, end + "hunter2" + end + "\n");

        assertThat(SecretFile.read(file)).isEqualTo((end + "hunter2" + end).toCharArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n"})
    void emptyFileIsRefusedByName(String content) throws IOException {
        Files.writeString(file, content);

        assertThatIOException()
                .isThrownBy(() -> SecretFile.read(file))
                .withMessage("password file '" + file + "' is empty");
    }

    @Test
    void missingFileIsRefusedByName() {
        assertThatIOException()
                .isThrownBy(() -> SecretFile.read(file))
                .withMessage("password file '" + file + "' does not exist");
    }

    @Test
    void directoryIsRefusedByName() {
        assertThatIOException()
                .isThrownBy(() -> SecretFile.read(directory))
                .withMessageContaining("password file '" + directory + "' cannot be read");
    }

    @Test
    void longFileIsRefused() throws IOException {
        Files.writeString(file, "x".repeat(4096));
        assertThat(SecretFile.read(file)).hasSize(4096);

        Files.writeString(file, "x".repeat(4097));
        assertThatIOException()
                .isThrownBy(() -> SecretFile.read(file))
                .withMessage("password file '" + file + "' has more than 4096 bytes");
    }

    @Test
    void otherCharsetIsRefused() throws IOException {
        Files.write(file, "hünter2".getBytes(ISO_8859_1));

        assertThatIOException()
                .isThrownBy(() -> SecretFile.read(file))
                .withMessage("password file '" + file + "' is not in UTF-8");

        Files.write(file, new byte[] {'h', (byte) 0xc3});
        assertThatIOException()
                .isThrownBy(() -> SecretFile.read(file))
                .withMessage("password file '" + file + "' is not in UTF-8");
    }

    @Test
    void passwordThatCannotBeSentIsNotRepeated() throws IOException {
        Files.writeString(file, "hunter2\nhunter3\n");

        assertThatIOException()
                .isThrownBy(() -> new PasswordFile("ada", file).credentials(NodeAddress.parse("h")))
                .withMessage("password file '" + file + "': password must not hold whitespace or control characters");
    }
}
