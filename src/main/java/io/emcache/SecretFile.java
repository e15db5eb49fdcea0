package io.emcache;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/** A file that holds one password, in UTF-8. Stateless. Its messages name the file and tell nothing of what is in it. */
final class SecretFile {
    private static final int MAX_BYTES = 4096;
    private static final int MAX_QUOTED = 160;

    private SecretFile() {}

    /**
     * Reads the password, and overwrites what it was read into.
     *
     * @param file the file; a line feed at its end, or carriage return and line feed, is not part of the password
     * @return the password, which the caller should overwrite
     * @throws IOException if the file cannot be read, is empty, too long or not in UTF-8
     */
    static char[] read(Path file) throws IOException {
        byte[] bytes = new byte[MAX_BYTES + 1];
        try {
            int length = withoutLineEnd(bytes, fill(bytes, file));
            if (length == 0) {
                throw new IOException(name(file) + " is empty");
            }
            if (length > MAX_BYTES) {
                throw new IOException(name(file) + " has more than " + MAX_BYTES + " bytes");
            }
            return decode(bytes, length, file);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static int fill(byte[] bytes, Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(bytes, 0, bytes.length);
        } catch (NoSuchFileException e) {
            throw new IOException(name(file) + " does not exist", e);
        } catch (AccessDeniedException e) {
            throw new IOException(name(file) + " may not be read", e);
        } catch (IOException e) {
            String reason = SafeText.quotable(String.valueOf(e.getMessage()), MAX_QUOTED);
            throw new IOException(name(file) + " cannot be read: " + reason, e);
        }
    }

    /** What the file is called in messages. */
    static String name(Path file) {
        return "password file '" + SafeText.quotable(file.toString(), MAX_QUOTED) + "'";
    }

    private static int withoutLineEnd(byte[] bytes, int length) {
        if (length == 0 || bytes[length - 1] != '\n') {
            return length;
        }
        return length > 1 && bytes[length - 2] == '\r' ? length - 2 : length - 1;
    }

    private static char[] decode(byte[] bytes, int length, Path file) throws IOException {
        CharBuffer chars = CharBuffer.allocate(length);
        try {
            CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
            CoderResult result = decoder.decode(ByteBuffer.wrap(bytes, 0, length), chars, true);
            if (result.isError()) {
                throw new IOException(name(file) + " is not in UTF-8");
            }
            return Arrays.copyOf(chars.array(), chars.position());
        } finally {
            Arrays.fill(chars.array(), '\0');
        }
    }
}
