package io.emcache;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a server knows of an item beside its value. Immutable and safe for all threads.
 *
 * @param key the key
 * @param timeToLive how long it still lives; null if it does not expire. With one second left it is null too, because
 *     servers say the same of both
 * @param lastAccess how long ago it was last used
 * @param cas its CAS, an unsigned number; 0 on a server that has none
 * @param fetched whether it was read since it was stored
 * @param slabClass the number of its slab class, or -1 if the server does not tell
 * @param sizeBytes what it takes on the server, with key and header, or -1 if the server does not tell
 */
public record ItemDebug(
        Key key,
        @Nullable Duration timeToLive,
        Duration lastAccess,
        long cas,
        boolean fetched,
        int slabClass,
        long sizeBytes) {}
