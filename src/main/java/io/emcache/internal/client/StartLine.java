package io.emcache.internal.client;

import io.emcache.internal.memory.KeyHashing;
import io.emcache.internal.transport.Transport;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the log says when the first client of a process starts: which hashing and which command rings this JVM allows, and
 * the JVM flags that would change it. Safe for all threads.
 *
 * <p>A client of one node hashes nothing and does not load the native library only to tell. The first client of several
 * nodes after it says the line once more, with the hashing.
 */
final class StartLine {
    private static final Logger LOG = LoggerFactory.getLogger("io.emcache");
    private static final int RINGS = 1;
    private static final int HASHING_AND_RINGS = 2;
    private static final AtomicInteger SAID = new AtomicInteger();

    private StartLine() {}

    static void say(boolean hashes) {
        int content = hashes ? HASHING_AND_RINGS : RINGS;
        if (SAID.getAndAccumulate(content, Math::max) < content) {
            String hashing = hashes ? KeyHashing.describe() : "keys are not hashed, there is one node";
            LOG.info("emcache: {}; {}", hashing, Transport.describeRings());
        }
    }
}
