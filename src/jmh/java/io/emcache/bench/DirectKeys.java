package io.emcache.bench;

import io.emcache.DirectRequest;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** The keys of {@link Keys} as a direct request takes them. Immutable and safe for all threads. */
final class DirectKeys {
    private static final int STRIDE = 16;

    private final byte[] lengths;
    private final MemorySegment bytes;

    DirectKeys(Keys keys) {
        lengths = new byte[keys.count()];
        bytes = MemorySegment.ofArray(new byte[keys.count() * STRIDE]);
        for (int i = 0; i < lengths.length; i++) {
            byte[] key = keys.at(i).getBytes(StandardCharsets.UTF_8);
            if (key.length > STRIDE) {
                throw new IllegalArgumentException("too long for a place of " + STRIDE + " bytes: " + keys.at(i));
            }
            MemorySegment.copy(MemorySegment.ofArray(key), 0, bytes, (long) i * STRIDE, key.length);
            lengths[i] = (byte) key.length;
        }
    }

    /** Says which key the next command of a request is for. */
    DirectRequest choose(DirectRequest request, int index) {
        return request.key(bytes, (long) index * STRIDE, lengths[index]);
    }
}
