package io.emcache.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.NodeAddress;
import io.emcache.TlsOptions;
import io.emcache.testkit.Certificates;
import io.emcache.testkit.Certificates.Authority;
import io.emcache.testkit.Certificates.Identity;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each form of certificates and keys, and what is said of those that cannot be read. */
final class KeyMaterialTest {
    private static final NodeAddress NODE = NodeAddress.tcp("localhost", 11211);

    private final Authority ca = Certificates.authority("emcache test CA");
    private final Identity client = ca.client("app");

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"RSA, 2048", "EC, secp256r1", "EC, secp384r1", "EC, secp521r1", "Ed25519,", "RSASSA-PSS, 2048"})
    void keysOfEachAlgorithm(String algorithm, @Nullable String parameter) throws Exception {
        KeyPair keys = keys(algorithm, parameter);
        PrivateKey key = read("-----BEGIN PRIVATE KEY-----", keys.getPrivate().getEncoded(), null);
        assertThat(key).isEqualTo(keys.getPrivate());
        assertThat(PrivateKeys.isPair(key, keys.getPublic())).isTrue();
        assertThat(PrivateKeys.isPair(key, keys(algorithm, parameter).getPublic()))
                .isFalse();
        assertThat(PrivateKeys.isPair(key, otherAlgorithm(algorithm).getPublic()))
                .isFalse();
    }

    private static KeyPair keys(String algorithm, @Nullable String parameter) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        if (algorithm.equals("EC")) {
            generator.initialize(new ECGenParameterSpec(parameter));
        } else if (parameter != null) {
            generator.initialize(Integer.parseInt(parameter));
        }
        return generator.generateKeyPair();
    }

    private static KeyPair otherAlgorithm(String algorithm) throws Exception {
        return algorithm.equals("EC") ? keys("Ed25519", null) : keys("EC", "secp256r1");
    }

    @Test
    void oldFormOfRsa() throws Exception {
        KeyPair keys = keys("RSA", "2048");
        byte[] pkcs1 = PrivateKeyInfo.getInstance(keys.getPrivate().getEncoded())
                .parsePrivateKey()
                .toASN1Primitive()
                .getEncoded();
        assertThat(read("-----BEGIN RSA PRIVATE KEY-----", pkcs1, null)).isEqualTo(keys.getPrivate());
    }

    @ParameterizedTest
    @CsvSource({"secp256r1, 256", "secp384r1, 384", "secp521r1, 521"})
    void oldFormOfEc(String curve, int bits) throws Exception {
        KeyPair keys = keys("EC", curve);
        var id = switch (bits) {
            case 256 -> SECObjectIdentifiers.secp256r1;
            case 384 -> SECObjectIdentifiers.secp384r1;
            default -> SECObjectIdentifiers.secp521r1;
        };
        byte[] sec1 = new org.bouncycastle.asn1.sec.ECPrivateKey(bits, ((ECPrivateKey) keys.getPrivate()).getS(), id)
                .getEncoded();
        PrivateKey key = read("-----BEGIN EC PRIVATE KEY-----", sec1, null);
        assertThat(((ECPrivateKey) key).getS()).isEqualTo(((ECPrivateKey) keys.getPrivate()).getS());
        assertThat(PrivateKeys.isPair(key, keys.getPublic())).isTrue();
    }

    @Test
    void oldFormOfEcCutOrWithoutCurve() throws Exception {
        KeyPair keys = keys("EC", "secp256r1");
        byte[] noCurve =
                new org.bouncycastle.asn1.sec.ECPrivateKey(256, ((ECPrivateKey) keys.getPrivate()).getS()).getEncoded();
        for (int length = 0; length <= noCurve.length; length++) {
            byte[] cut = Arrays.copyOf(noCurve, length);
            assertThatThrownBy(() -> read("-----BEGIN EC PRIVATE KEY-----", cut, null))
                    .isInstanceOf(TlsException.class)
                    .hasMessage(
                            "it holds an EC key without the name of its curve, which openssl ec -param_enc named_curve gives it");
        }
    }

    @Test
    void encryptedKeys() throws Exception {
        PrivateKey key = client.key();
        assertThat(read(encrypted(PKCS8Generator.AES_128_CBC, key, "secret"), "secret"))
                .isEqualTo(key);
        assertThat(read(encrypted(PKCS8Generator.AES_256_CBC, key, "gehei\u00df"), "gehei\u00df"))
                .isEqualTo(key);
        String pem = encrypted(PKCS8Generator.AES_256_CBC, key, "secret");
        assertThat(read(pem, "secret")).isEqualTo(key);
        assertThatThrownBy(() -> read(pem, null)).hasMessage("it is encrypted, and there is no keyPassword");
        for (int i = 0; i < 600; i++) { // one in 256 leads to a padding that looks right
            String wrong = "wrong" + i;
            assertThatThrownBy(() -> read(pem, wrong))
                    .isInstanceOf(TlsException.class)
                    .hasMessage("the password of it is wrong")
                    .hasNoCause();
        }
        String older = encrypted(PKCS8Generator.PBE_SHA1_3DES, key, "secret");
        assertThat(read(older, "secret")).isEqualTo(key);
        String old = encrypted(PKCS8Generator.DES3_CBC, key, "secret");
        assertThatThrownBy(() -> read(old, "secret"))
                .isInstanceOf(TlsException.class)
                .hasMessage("it is encrypted in a way that the JDK does not know: " + PrivateKeys.HOW_TO_CONVERT);
    }

    private static String encrypted(ASN1ObjectIdentifier cipher, PrivateKey key, String password) throws Exception {
        var encryptor = new JceOpenSSLPKCS8EncryptorBuilder(cipher)
                .setProvider(new BouncyCastleProvider())
                .setPassword(password.toCharArray())
                .setIterationCount(10)
                .setPRF(PKCS8Generator.PRF_HMACSHA256)
                .build();
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(new JcaPKCS8Generator(key, encryptor));
        }
        return text.toString();
    }

    @Test
    void filesWithoutAKeyOrWithSeveral() throws Exception {
        String key = Files.readString(client.writeKey(directory));
        assertThat(read("Bag Attributes\n  friendlyName: app\n" + key + "-- the end", null))
                .isEqualTo(client.key());
        assertThatThrownBy(() -> read("", null)).hasMessage("it holds no private key in PEM");
        assertThatThrownBy(() -> read("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", null))
                .hasMessage("it holds no private key in PEM");
        assertThatThrownBy(() -> read(key + key, null)).hasMessage("it holds more than one private key");
        assertThatThrownBy(() -> read(key.substring(0, key.length() / 2), null))
                .hasMessage("it ends within a PEM block");
        assertThatThrownBy(() -> read("-----BEGIN ", null)).hasMessage("it ends within a PEM block");
        assertThatThrownBy(() -> read("-----BEGIN PRIVATE KEY-----\nAAA=A\n-----END PRIVATE KEY-----", null))
                .hasMessage("it: a block is no Base64: PRIVATE KEY");
        assertThatThrownBy(() -> read("-----BEGIN PRIVATE KEY-----", new byte[] {1, 2, 3}, null))
                .hasMessage("it holds a key that cannot be read: it is none of RSA, EC or Ed25519");
        assertThatThrownBy(() -> read("-----BEGIN DSA PRIVATE KEY-----", new byte[] {1, 2, 3}, null))
                .hasMessage("it holds a key in an unknown form, DSA PRIVATE KEY: " + PrivateKeys.HOW_TO_CONVERT);
        assertThatThrownBy(() -> read(
                        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n"
                                + "-----END RSA PRIVATE KEY-----",
                        null))
                .hasMessage("it holds a key in an old form: " + PrivateKeys.HOW_TO_CONVERT);
    }

    private static PrivateKey read(String begin, byte[] der, @Nullable String password) throws TlsException {
        String body = Base64.getMimeEncoder().encodeToString(der);
        return read(begin + "\n" + body + "\n" + begin.replace("BEGIN", "END") + "\n", password);
    }

    private static PrivateKey read(String pem, @Nullable String password) throws TlsException {
        Pem.Block block = Pem.key("it", pem.getBytes(StandardCharsets.ISO_8859_1));
        return PrivateKeys.read("it", block, password == null ? null : password.toCharArray());
    }

    @Test
    void authoritiesThatCannotBeRead() throws IOException {
        Path file = directory.resolve("ca.pem");
        refused(trusting(file), "ca file " + file + " does not exist");
        Files.writeString(file, "nothing");
        refused(trusting(file), "ca file " + file + " holds no certificate in PEM");
        Files.write(file, new byte[] {0x30, 0x31});
        refused(
                trusting(file),
                "ca file " + file + " holds no certificate in PEM;"
                        + " it seems to be DER, which this makes PEM of: openssl x509 -inform der");
        Files.writeString(
                file,
                new String(ca.pem(), StandardCharsets.US_ASCII)
                        + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        refusedAsIn(trusting(file), "ca file " + file + ": certificate 2 cannot be read: ");
        Files.writeString(file, "-----BEGIN CERTIFICATE-----\nAAAA");
        refused(trusting(file), "ca file " + file + " ends within a PEM block");
        refusedAsIn(trusting(directory), "ca file " + directory + " cannot be read: ");
        refused(TlsOptions.builder().ca(new byte[0]), "the ca given in memory holds no certificate in PEM");
    }

    private static TlsOptions.Builder trusting(Path file) {
        return TlsOptions.builder().ca(file);
    }

    @Test
    void clientCertificatesThatCannotBeUsed() throws IOException {
        Path key = client.writeKey(directory);
        Path certificate = directory.resolve("app.pem");
        refused(showing(certificate, key), "certificate file " + certificate + " does not exist");
        Files.writeString(certificate, "");
        refused(showing(certificate, key), "certificate file " + certificate + " holds no certificate in PEM");
        client.writeChain(directory);
        Files.writeString(key, "");
        refused(showing(certificate, key), "key file " + key + " holds no private key in PEM");

        Identity other = ca.client("app");
        other.writeKey(directory);
        refusedAsIn(
                showing(certificate, key),
                "the key of key file " + key
                        + " does not belong to the certificate [CN=app, issued by CN=emcache test CA,");

        Identity expired = ca.expiredClient("app");
        refused(
                showing(expired.writeChain(directory), expired.writeKey(directory)),
                "the client certificate [CN=app, issued by CN=emcache test CA, valid until "
                        + expired.certificate().getNotAfter().toInstant() + "] has expired");
        Path chain = client.writeChain(directory);
        Path encrypted = client.writeEncryptedKey(directory, "secret");
        refused(showing(chain, encrypted), "key file " + encrypted + " is encrypted, and there is no keyPassword");
        refused(
                showing(chain, encrypted).keyPassword("wrong"::toCharArray),
                "the password of key file " + encrypted + " is wrong");
        refused(
                showing(chain, encrypted).keyPassword(() -> {
                    throw new IllegalStateException("secret");
                }),
                "keyPassword has failed");
        refused(showing(chain, encrypted).keyPassword(KeyMaterialTest::none), "keyPassword gave none");
    }

    @SuppressWarnings("NullAway") // what a supplier without checks may do
    private static char[] none() {
        return null;
    }

    private static TlsOptions.Builder showing(Path certificate, Path key) {
        return TlsOptions.builder().certificate(certificate, key);
    }

    @Test
    void storesThatCannotBeUsed() throws IOException {
        Path file = client.writePkcs12(directory, "secret");
        refused(
                TlsOptions.builder().pkcs12(file),
                "pkcs12 file " + file + " is encrypted, and there is no keyPassword");
        refused(
                TlsOptions.builder().pkcs12(file).keyPassword("wrong"::toCharArray),
                "the password of pkcs12 file " + file + " is wrong");
        Files.writeString(file, "no store");
        refused(
                TlsOptions.builder().pkcs12(file).keyPassword("secret"::toCharArray),
                "pkcs12 file " + file + " is no PKCS#12 store");
        Files.delete(file);
        refused(TlsOptions.builder().pkcs12(file), "pkcs12 file " + file + " does not exist");
    }

    private static void refused(TlsOptions.Builder options, String message) {
        TlsEngines engines = new TlsEngines(options.build());
        assertThatThrownBy(() -> engines.create(NODE))
                .isInstanceOf(TlsException.class)
                .hasMessage(message);
    }

    private static void refusedAsIn(TlsOptions.Builder options, String beginning) {
        TlsEngines engines = new TlsEngines(options.build());
        assertThatThrownBy(() -> engines.create(NODE))
                .isInstanceOf(TlsException.class)
                .hasMessageStartingWith(beginning);
    }
}
