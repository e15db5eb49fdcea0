package io.emcache.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeExtractionTest {

    private static final byte[] CONTENTS = "a library".getBytes(StandardCharsets.US_ASCII);
    private static final String CONTENTS_SHA256 = "31f109ab38348582abdc9e1c9942f74505c719e98c6d0ab6fbcfdccfd8c9935b";

    @TempDir
    private Path parent;

    @Test
    void extractsUnderAContentAddressedNameForTheOwnerOnly() throws IOException {
        Path library = extract(CONTENTS);

        assertThat(library).hasBinaryContent(CONTENTS);
        assertThat(library.getFileName()).hasToString(CONTENTS_SHA256 + "-libemcache.so");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(library.getParent())))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(library)))
                .endsWith("------");
    }

    @Test
    void leavesAnIntactFileWhereItIs() throws IOException {
        Path first = extract(CONTENTS);
        Object inode = Files.getAttribute(first, "unix:ino");

        Path second = extract(CONTENTS);

        assertThat(second).isEqualTo(first);
        assertThat(Files.getAttribute(second, "unix:ino")).isEqualTo(inode);
        assertThat(files(first.getParent())).containsExactly(first);
    }

    @Test
    void otherContentsGetAnotherName() throws IOException {
        Path first = extract(CONTENTS);
        Path second = extract("another".getBytes(StandardCharsets.US_ASCII));

        assertThat(second).isNotEqualTo(first);
        assertThat(files(first.getParent())).containsExactlyInAnyOrder(first, second);
    }

    @Test
    void replacesATamperedFile() throws IOException {
        Path library = extract(CONTENTS);
        Files.writeString(library, "tampered!");

        assertThat(extract(CONTENTS)).isEqualTo(library).hasBinaryContent(CONTENTS);
    }

    @Test
    void replacesAFileThatOthersMayWrite() throws IOException {
        Path library = extract(CONTENTS);
        Files.setPosixFilePermissions(library, PosixFilePermissions.fromString("rw-rw-rw-"));

        Path again = extract(CONTENTS);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(again)))
                .endsWith("------");
    }

    @Test
    void replacesALinkInTheFilesPlace() throws IOException {
        Path library = extract(CONTENTS);
        Path elsewhere = Files.write(parent.resolve("elsewhere"), CONTENTS);
        Files.delete(library);
        Files.createSymbolicLink(library, elsewhere);

        Path again = extract(CONTENTS);

        assertThat(Files.isRegularFile(again, LinkOption.NOFOLLOW_LINKS)).isTrue();
        assertThat(elsewhere).hasBinaryContent(CONTENTS);
    }

    @Test
    void refusesASymlinkedDirectory() throws IOException {
        Path directory = extract(CONTENTS).getParent();
        Path moved = parent.resolve("moved");
        Files.move(directory, moved);
        Files.createSymbolicLink(directory, moved);

        assertThatThrownBy(() -> extract(CONTENTS))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not a directory");
    }

    @Test
    void refusesADirectoryThatOthersMayEnter() throws IOException {
        Path directory = extract(CONTENTS).getParent();
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));

        assertThatThrownBy(() -> extract(CONTENTS))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("open to other users");
    }

    @Test
    void refusesAParentThatIsMissing() {
        assertThatThrownBy(() -> NativeExtraction.extract(CONTENTS, "libemcache.so", parent.resolve("missing")))
                .isInstanceOf(IOException.class);
    }

    private Path extract(byte[] contents) throws IOException {
        return NativeExtraction.extract(contents, "libemcache.so", parent);
    }

    private static Stream<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList().stream();
        }
    }
}
