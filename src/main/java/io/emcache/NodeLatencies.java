package io.emcache;

/**
 * How long the calls to one node took, by what they did. Immutable and safe for all threads.
 *
 * @param read gets that change nothing
 * @param write whatever changes an item, touches and gets that give a new expiry included
 * @param other commands about the server
 */
public record NodeLatencies(LatencySnapshot read, LatencySnapshot write, LatencySnapshot other) {}
