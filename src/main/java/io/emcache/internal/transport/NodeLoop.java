package io.emcache.internal.transport;

import io.emcache.NodeAddress;

/** The event loop that looks after a node, as the node sees it. Safe for all threads, unless a method says otherwise. */
public final class NodeLoop {
    private final EventLoop loop;
    private final Transport transport;

    NodeLoop(EventLoop loop, Transport transport) {
        this.loop = loop;
        this.transport = transport;
    }

    /**
     * Makes a lane of this loop. Its connection is made after {@link Lane#start}.
     *
     * @param address where the node is
     * @param owner who is told what becomes of it
     * @return the lane
     * @throws IllegalStateException if there is no off-heap memory for it
     */
    public Lane open(NodeAddress address, LaneOwner owner) {
        return transport.open(address, owner, loop);
    }

    /**
     * Has the loop run something soon, in the order of these calls.
     *
     * @param task must not block; it is dropped if the loop has ended
     */
    public void execute(Runnable task) {
        loop.execute(() -> {
            if (!loop.isClosed()) {
                task.run();
            }
        });
    }

    /**
     * Has the loop look after somebody from now on. By the loop only.
     *
     * @param member whom
     */
    public void join(LoopMember member) {
        loop.join(member);
    }

    /**
     * Has the loop not look after somebody any more. By the loop only, and not from inside {@link LoopMember#look}.
     *
     * @param member whom
     */
    public void part(LoopMember member) {
        loop.part(member);
    }

    /** The node is gone: the loop has room for another. */
    public void release() {
        loop.nodes().decrementAndGet();
    }

    /**
     * The time.
     *
     * @return nanoseconds of the client's clock
     */
    public long nowNs() {
        return loop.nowNs();
    }

    /**
     * Whether calling threads drive lanes.
     *
     * @return false if only the loop does
     */
    public boolean callersDrive() {
        return loop.callersDrive();
    }
}
