package io.emcache.internal.transport;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/** Puts private keys in the forms of single algorithms into the form for all of them, byte by byte as DER has it. Stateless. */
final class Pkcs8 {
    private static final int INTEGER = 0x02;
    private static final int OCTET_STRING = 0x04;
    private static final int OBJECT_ID = 0x06;
    private static final int SEQUENCE = 0x30;
    private static final int CURVE = 0xA0;

    private static final int LONG_LENGTH = 0x80;
    private static final int MAX_LENGTH_BYTES = 3;

    private static final byte[] VERSION_0 = {INTEGER, 1, 0};
    private static final byte[] RSA_WITH_NULL = HexFormat.of().parseHex("300d06092a864886f70d0101010500");
    private static final byte[] EC_PUBLIC_KEY = HexFormat.of().parseHex("06072a8648ce3d0201");

    private Pkcs8() {}

    /** Of PKCS#1. */
    static byte[] ofRsa(byte[] pkcs1) {
        return pkcs8(RSA_WITH_NULL, pkcs1);
    }

    /**
     * Of SEC 1.
     *
     * @throws IllegalArgumentException if it is not, or names no curve
     */
    static byte[] ofEc(byte[] sec1) {
        ByteBuffer key = enter(SEQUENCE, ByteBuffer.wrap(sec1));
        enter(INTEGER, key);
        enter(OCTET_STRING, key);
        ByteBuffer curve = enter(CURVE, key);
        byte[] name = new byte[curve.remaining()];
        curve.duplicate().get(name);
        enter(OBJECT_ID, curve);
        if (curve.hasRemaining()) {
            throw new IllegalArgumentException("more than a name");
        }
        return pkcs8(element(SEQUENCE, EC_PUBLIC_KEY, name), sec1);
    }

    private static byte[] pkcs8(byte[] algorithm, byte[] key) {
        byte[] octets = element(OCTET_STRING, key);
        byte[] pkcs8 = element(SEQUENCE, VERSION_0, algorithm, octets);
        Arrays.fill(octets, (byte) 0);
        return pkcs8;
    }

    private static byte[] element(int tag, byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        ByteBuffer element = ByteBuffer.allocate(2 + MAX_LENGTH_BYTES + length).put((byte) tag);
        if (length < LONG_LENGTH) {
            element.put((byte) length);
        } else {
            element.put((byte) (LONG_LENGTH | MAX_LENGTH_BYTES))
                    .put((byte) (length >> 16))
                    .put((byte) (length >> 8))
                    .put((byte) length);
        }
        for (byte[] part : parts) {
            element.put(part);
        }
        byte[] exact = Arrays.copyOf(element.array(), element.position());
        Arrays.fill(element.array(), (byte) 0);
        return exact;
    }

    /** Steps over an element and returns its content. */
    private static ByteBuffer enter(int tag, ByteBuffer in) {
        if (in.remaining() < 2 || (in.get() & 0xFF) != tag) {
            throw new IllegalArgumentException("another element");
        }
        int length = in.get() & 0xFF;
        if (length >= LONG_LENGTH) {
            int bytes = length - LONG_LENGTH;
            if (bytes < 1 || bytes > MAX_LENGTH_BYTES || bytes > in.remaining()) {
                throw new IllegalArgumentException("no length");
            }
            length = 0;
            for (int i = 0; i < bytes; i++) {
                length = (length << Byte.SIZE) | (in.get() & 0xFF);
            }
        }
        if (length > in.remaining()) {
            throw new IllegalArgumentException("too long");
        }
        ByteBuffer content = in.slice(in.position(), length);
        in.position(in.position() + length);
        return content;
    }
}
