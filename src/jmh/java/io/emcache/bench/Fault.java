package io.emcache.bench;

import org.jspecify.annotations.Nullable;

/**
 * How a {@link FaultyServer} misbehaves. Unless said otherwise it answers {@code version}, so the client believes in
 * it.
 */
enum Fault {
    NEVER_ANSWERS("never answers"),
    ANSWERS_LATE("answers late"),
    HALF_AN_ANSWER("half an answer, then silence"),
    CLOSES_IN_MID_ANSWER("closes in mid-answer"),
    /** Large sets are sent beside the calls that are measured, to fill the buffers of the sockets. */
    NEVER_READS("never reads, buffers full"),
    ACCEPTS_ONLY("accepts, not even a version"),
    BLACK_HOLE("connecting takes for ever");

    private final String description;

    Fault(String description) {
        this.description = description;
    }

    static @Nullable Fault named(String name) {
        for (Fault fault : values()) {
            if (fault.name().equalsIgnoreCase(name.replace('-', '_'))) {
                return fault;
            }
        }
        return null;
    }

    String description() {
        return description;
    }
}
