package io.emcache;

/** Where a client learns which nodes there are. */
public enum Autodiscovery {
    /** The nodes are those of the options. */
    NONE,

    /**
     * The nodes of the options are configuration endpoints, asked in turn by {@code config get cluster}, or by
     * {@code get AmazonElastiCache:cluster} where that is older: Amazon ElastiCache and Google Memorystore have them. They
     * are sent nothing else.
     */
    CONFIG,

    /** Each address of the hosts of the options is a node: a name with many A or AAAA records, such as a headless service. */
    DNS,

    /** The hosts of the options are names with SRV records, of which each of the lowest priority is a node. */
    SRV
}
