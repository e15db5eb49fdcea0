package io.emcache.internal.memory;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;

/**
 * Puts a library out of the jar where the loader can read it. Stateless; any number of processes may do so at the same time.
 *
 * <p>The file lies in a directory of this user that nobody else may enter, under a name made of its contents' SHA-256. Each process writes a
 * file of its own and moves it into place atomically, unless the right contents are there already.
 */
final class NativeExtraction {

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");
    private static final Set<PosixFilePermission> OTHERS = EnumSet.complementOf(EnumSet.copyOf(OWNER_ONLY));

    private NativeExtraction() {}

    static Path extract(byte[] contents, String fileName, Path parent) throws IOException {
        Path directory = privateDirectory(parent);
        Path mine = Files.createTempFile(directory, "extracting-", ".tmp");
        try {
            requireSameOwner(directory, mine);
            Path target = directory.resolve(sha256(contents) + "-" + fileName);
            if (!isIntact(target, mine, contents)) {
                Files.write(mine, contents);
                Files.move(mine, target, StandardCopyOption.ATOMIC_MOVE);
            }
            return target;
        } finally {
            Files.deleteIfExists(mine);
        }
    }

    private static Path privateDirectory(Path parent) throws IOException {
        String user = System.getProperty("user.name", "").replaceAll("[^A-Za-z0-9._-]", "_");
        Path directory = parent.toAbsolutePath().resolve("emcache-" + user);
        try {
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        } catch (FileAlreadyExistsException e) {
            requirePrivate(directory);
        }
        return directory;
    }

    private static void requirePrivate(Path directory) throws IOException {
        PosixFileAttributes attributes = attributes(directory);
        if (!attributes.isDirectory()) {
            throw new IOException(directory + " is not a directory");
        }
        if (isOpenToOthers(attributes)) {
            throw new IOException(directory + " is open to other users");
        }
    }

    /** A file just made belongs to this process's user, whatever the user is called. */
    private static void requireSameOwner(Path directory, Path mine) throws IOException {
        if (!attributes(directory).owner().equals(attributes(mine).owner())) {
            throw new IOException(directory + " belongs to another user");
        }
    }

    private static boolean isIntact(Path target, Path mine, byte[] contents) throws IOException {
        PosixFileAttributes attributes;
        try {
            attributes = attributes(target);
        } catch (NoSuchFileException e) {
            return false;
        }
        return attributes.isRegularFile()
                && !isOpenToOthers(attributes)
                && attributes.owner().equals(attributes(mine).owner())
                && attributes.size() == contents.length
                && Arrays.equals(Files.readAllBytes(target), contents);
    }

    private static boolean isOpenToOthers(PosixFileAttributes attributes) {
        return attributes.permissions().stream().anyMatch(OTHERS::contains);
    }

    private static PosixFileAttributes attributes(Path path) throws IOException {
        return Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    private static String sha256(byte[] contents) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(contents));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
