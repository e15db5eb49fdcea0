package io.emcache.internal.cluster;

import io.emcache.spi.NodeLocator.Placement;

/** A placement whose nodes stand off-heap, for native code to read; the collector frees them when nobody routes by them any more. */
sealed interface OffHeapPlacement extends Placement permits RendezvousPlacement, EmcachePlacement {
    /** Counts the memory back. It stays usable. Does nothing the second time. */
    void close();
}
