package io.emcache.internal.transport;

import io.emcache.TlsOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * By what one sees that files have changed without reading them. Immutable.
 *
 * @param settled whether the latest change of a file is so long ago that another one would have another time
 */
record TlsStamps(List<Stamp> stamps, boolean settled) {
    private static final long COARSEST_CLOCK_SECONDS = 2;

    /** One file. A time of null stands for one that is not there. */
    private record Stamp(
            long size,
            @Nullable FileTime modified,
            @Nullable Object fileKey) {
        private static final Stamp MISSING = new Stamp(-1, null, null);

        static Stamp of(Path file) {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                return new Stamp(attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
            } catch (IOException e) {
                return MISSING;
            }
        }

        boolean isOlderThan(Instant time) {
            return modified == null || modified.toInstant().isBefore(time);
        }
    }

    static TlsStamps of(TlsOptions options) {
        Instant doubtful = Instant.now().minusSeconds(COARSEST_CLOCK_SECONDS);
        List<Stamp> stamps = Stream.of(
                        options.caFile(), options.certificateFile(), options.keyFile(), options.pkcs12File())
                .filter(Objects::nonNull)
                .map(Stamp::of)
                .toList();
        return new TlsStamps(stamps, stamps.stream().allMatch(stamp -> stamp.isOlderThan(doubtful)));
    }

    boolean isUnchangedSince(@Nullable TlsStamps before) {
        return before != null && before.settled && stamps.equals(before.stamps);
    }
}
