/** Threads and sockets: lanes, rings, event loops. */
package io.emcache.internal.transport;
