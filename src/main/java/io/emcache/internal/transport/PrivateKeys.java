package io.emcache.internal.transport;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.PSSParameterSpec;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKey;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/** Makes keys of what PEM files hold. Stateless. */
final class PrivateKeys {
    static final String HOW_TO_CONVERT =
            "openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD -out NEW makes one that can be read";

    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");
    private static final byte[] PROBE = {1, 2, 3};

    private PrivateKeys() {}

    /**
     * Reads a key.
     *
     * @param what is read, for messages
     * @param block as it stands in the file
     * @param password of an encrypted one, or null; left as it is
     * @throws TlsException if it cannot be read
     */
    static PrivateKey read(String what, Pem.Block block, char @Nullable [] password) throws TlsException {
        byte[] pkcs8 = switch (block.label()) {
            case "PRIVATE KEY" -> block.der().clone();
            case "ENCRYPTED PRIVATE KEY" -> decrypt(what, block.der(), password);
            case "RSA PRIVATE KEY" -> Pkcs8.ofRsa(block.der());
            case "EC PRIVATE KEY" -> ofEc(what, block.der());
            default ->
                throw new TlsException(
                        what + " holds a key in an unknown form, " + TlsText.safe(block.label()) + ": "
                                + HOW_TO_CONVERT,
                        null);
        };
        try {
            PrivateKey key = decode(pkcs8);
            if (key != null) {
                return key;
            }
        } finally {
            Arrays.fill(pkcs8, (byte) 0);
        }
        throw new TlsException(what + " holds a key that cannot be read: it is none of RSA, EC or Ed25519", null);
    }

    private static @Nullable PrivateKey decode(byte[] pkcs8) {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (GeneralSecurityException e) {
                // of another algorithm
            }
        }
        return null;
    }

    private static byte[] ofEc(String what, byte[] sec1) throws TlsException {
        try {
            return Pkcs8.ofEc(sec1);
        } catch (IllegalArgumentException e) {
            throw new TlsException(
                    what
                            + " holds an EC key without the name of its curve, which openssl ec -param_enc named_curve gives it",
                    null);
        }
    }

    private static byte[] decrypt(String what, byte[] encrypted, char @Nullable [] password) throws TlsException {
        if (password == null) {
            throw new TlsException(what + " is encrypted, and there is no keyPassword", null);
        }
        PBEKeySpec spec = new PBEKeySpec(password);
        try {
            EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(encrypted);
            SecretKeyFactory factory = SecretKeyFactory.getInstance(info.getAlgName());
            Cipher cipher = Cipher.getInstance(info.getAlgName());
            SecretKey key = factory.generateSecret(spec);
            cipher.init(Cipher.DECRYPT_MODE, key, info.getAlgParameters());
            return info.getKeySpec(cipher).getEncoded();
        } catch (InvalidKeySpecException e) {
            throw new TlsException("the password of " + what + " is wrong", null); // or what it leads to is no key
        } catch (IOException | GeneralSecurityException e) {
            throw new TlsException(what + " is encrypted in a way that the JDK does not know: " + HOW_TO_CONVERT, e);
        } finally {
            spec.clearPassword();
        }
    }

    /** Whether what one signs the other verifies. */
    static boolean isPair(PrivateKey key, PublicKey publicKey) {
        try {
            Signature signature = signature(key.getAlgorithm());
            signature.initSign(key);
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(publicKey);
            signature.update(PROBE);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false; // of another algorithm
        }
    }

    private static Signature signature(String algorithm) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(
                switch (algorithm) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> algorithm;
                });
        if (algorithm.equals("RSASSA-PSS")) {
            signature.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
        }
        return signature;
    }
}
