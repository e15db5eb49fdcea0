package io.emcache.internal.client;

import io.emcache.internal.transport.DumpConnection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The dumps of keys that have begun and not ended, so that they end with the client. Safe for all threads. */
final class Dumps {
    private volatile boolean closed;

    private final Set<DumpConnection> open = ConcurrentHashMap.newKeySet();

    /** Before the connection opens anything. */
    void begun(DumpConnection connection) {
        open.add(connection);
        if (closed) {
            connection.close();
        }
    }

    void ended(DumpConnection connection) {
        open.remove(connection);
    }

    /** From now on none can begin. A thread that reads one is woken up, and not waited for. */
    void close() {
        closed = true;
        open.forEach(DumpConnection::close);
    }
}
