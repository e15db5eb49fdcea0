package io.emcache.internal.transport;

import io.emcache.TlsOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What the files of the options hold at one time; closing it wipes the private key. For one thread. */
final class TlsFiles implements AutoCloseable {
    private static final int MAX_FILE_BYTES = 1 << 24;
    private static final byte[] NONE = {};

    private final byte[] ca;
    private final byte[] certificate;
    private final byte[] key;
    private final byte[] pkcs12;

    private TlsFiles(byte[] ca, byte[] certificate, byte[] key, byte[] pkcs12) {
        this.ca = ca;
        this.certificate = certificate;
        this.key = key;
        this.pkcs12 = pkcs12;
    }

    /**
     * Reads those that the options name.
     *
     * @throws TlsException if one of them cannot be read
     */
    static TlsFiles read(TlsOptions options) throws TlsException {
        byte[] ca = read("ca", options.caFile());
        byte[] certificate = read("certificate", options.certificateFile());
        byte[] key = read("key", options.keyFile());
        try {
            return new TlsFiles(ca, certificate, key, read("pkcs12", options.pkcs12File()));
        } catch (TlsException e) {
            wipe(key);
            throw e;
        }
    }

    private static byte[] read(String name, @Nullable Path file) throws TlsException {
        if (file == null) {
            return NONE;
        }
        String what = TlsText.file(name, file);
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(MAX_FILE_BYTES + 1);
            if (content.length > MAX_FILE_BYTES) {
                wipe(content);
                throw new TlsException(what + " is larger than " + (MAX_FILE_BYTES >> 20) + " MiB", null);
            }
            return content;
        } catch (NoSuchFileException e) {
            throw new TlsException(what + " does not exist", e);
        } catch (AccessDeniedException e) {
            throw new TlsException(what + " must not be read by this process", e);
        } catch (TlsException e) {
            throw e;
        } catch (IOException e) {
            throw new TlsException(what + " cannot be read: " + TlsText.safe(e), e);
        }
    }

    byte[] ca() {
        return ca;
    }

    byte[] certificate() {
        return certificate;
    }

    byte[] key() {
        return key;
    }

    byte[] pkcs12() {
        return pkcs12;
    }

    boolean holdWhat(TlsContext context) {
        return Arrays.equals(fingerprint(), context.fingerprint());
    }

    /** The same for the same content, as good as certainly. */
    byte[] fingerprint() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] content : new byte[][] {ca, certificate, key, pkcs12}) {
                digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, content.length));
                digest.update(content);
            }
            return digest.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // each JDK has it
        }
    }

    private static void wipe(byte[] content) {
        Arrays.fill(content, (byte) 0);
    }

    @Override
    public void close() {
        wipe(key);
        wipe(pkcs12);
        wipe(certificate); // the key may stand in its file
    }
}
