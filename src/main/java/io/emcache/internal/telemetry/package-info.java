/** Counters, histograms, events. */
package io.emcache.internal.telemetry;
