package io.emcache.bench;

import org.jspecify.annotations.Nullable;

/** What happens to real servers of a cluster while they are under load. */
enum ClusterFault {
    /** One is frozen (SIGSTOP): it accepts connections and bytes, and answers nothing. */
    STOPPED("one of three stopped"),
    /** One is killed. */
    KILLED("one of three killed"),
    /** All are killed. */
    ALL_GONE("all gone");

    private final String description;

    ClusterFault(String description) {
        this.description = description;
    }

    static @Nullable ClusterFault named(String name) {
        for (ClusterFault fault : values()) {
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
