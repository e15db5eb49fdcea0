/**
 * Counters, histograms and events that users read. Events are here; what the engine counts today is in
 * {@code TransportCounters} of the transport. Every other internal package may import this one, and it imports none of them.
 */
package io.emcache.internal.telemetry;
