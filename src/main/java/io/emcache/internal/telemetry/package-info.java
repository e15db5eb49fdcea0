/**
 * Counters, histograms and events that users read: what is counted of a node and its lanes, what listeners and JDK Flight
 * Recorder are told. What only the engine and its tests ask for is in {@code TransportCounters} of the transport. Every other
 * internal package may import this one, and it imports none of them.
 */
package io.emcache.internal.telemetry;
