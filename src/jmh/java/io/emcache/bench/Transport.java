package io.emcache.bench;

/** How a client of a benchmark reaches its server. */
public enum Transport {
    /** A loopback port, in the clear. */
    TCP("TCP"),
    /** A unix socket. */
    UNIX("unix"),
    /** TLS 1.3 over a loopback port. */
    TLS_1_3("TLSv1.3"),
    /** TLS 1.2 over a loopback port. */
    TLS_1_2("TLSv1.2");

    private final String label;

    Transport(String label) {
        this.label = label;
    }

    /** A short name; of TLS that of the protocol. */
    String label() {
        return label;
    }

    boolean isEncrypted() {
        return this == TLS_1_3 || this == TLS_1_2;
    }
}
