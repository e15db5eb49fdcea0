package io.emcache.testkit;

import org.testcontainers.images.ImagePullPolicy;
import org.testcontainers.utility.DockerImageName;

/** Has Testcontainers use what images are there, and fail at once for others. Named in {@code testcontainers.properties}. */
public final class NeverPull implements ImagePullPolicy {
    /** Made by Testcontainers. */
    public NeverPull() {}

    @Override
    public boolean shouldPull(DockerImageName image) {
        return false;
    }
}
