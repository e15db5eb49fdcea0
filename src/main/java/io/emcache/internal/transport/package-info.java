/**
 * Threads and sockets. A {@code Lane} is one connection with its command ring, its slots and its buffers; whoever holds its
 * driver token ({@code Duty}), a calling thread or the {@code EventLoop}, writes, reads and completes for everybody. The
 * {@code LaneKeeper} connects, watches times and picks up what callers leave.
 *
 * <p>Replies travel back through {@code Slot} to threads that wait and through {@code Completion} to those that do not.
 * {@code docs/how-a-get-travels.md} follows a call through the package and says which state is whose. Channels, selectors
 * and Agrona stay in here.
 */
package io.emcache.internal.transport;
