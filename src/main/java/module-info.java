import org.jspecify.annotations.NullMarked;

/** emcache for Java: a memcached client for latency-critical services. */
@NullMarked
module io.emcache {
    requires static transitive org.jspecify;
    requires java.naming;
    requires jdk.net;
    requires org.agrona;
    requires org.slf4j;

    exports io.emcache;
    exports io.emcache.spi;
}
