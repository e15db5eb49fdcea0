package io.emcache;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One item of a dump of keys. Immutable and safe for all threads.
 *
 * @param key the key as the server has it, with a prefix if the writer used one
 * @param expiry when it expires by the clock of the server, or null if it does not
 * @param lastAccess when it was last used by the clock of the server
 * @param cas its CAS, an unsigned number; 0 on a server that has none
 * @param fetched whether it was read since it was stored
 * @param slabClass the number of its slab class, or -1 if the server does not tell
 * @param sizeBytes what it takes on the server, with key and header, or -1 if the server does not tell
 */
public record DumpedKey(
        Key key,
        @Nullable Instant expiry,
        Instant lastAccess,
        long cas,
        boolean fetched,
        int slabClass,
        long sizeBytes) {}
