/**
 * Life of an operation: validation, the deadline, retry, and how outcomes become results or exceptions. The synchronous and
 * the asynchronous face stand on one {@code Engine}, which owns nodes, memory, time and the end of a client.
 * {@code ClientFactory} is the one door through which {@code io.emcache} comes in.
 */
package io.emcache.internal.client;
