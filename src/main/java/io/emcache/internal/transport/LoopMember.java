package io.emcache.internal.transport;

/** Something that an event loop looks after ten times a second. */
public interface LoopMember {
    /**
     * Called by the event loop; must not block.
     *
     * @param nowNs the time, by the clock of the client
     */
    void look(long nowNs);
}
