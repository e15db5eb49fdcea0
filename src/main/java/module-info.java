import org.jspecify.annotations.NullMarked;

/** emcache for Java: a memcached client for latency-critical services. */
@NullMarked
module io.emcache {
    requires static transitive org.jspecify;
    requires HdrHistogram;
    requires java.naming;
    requires jdk.jfr;
    requires jdk.net;
    requires org.agrona;
    requires org.slf4j;

    exports io.emcache;
    exports io.emcache.spi;
}
