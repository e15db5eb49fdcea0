/** Bytes to meaning and back, pure: no threads, no I/O, no clock. */
package io.emcache.internal.protocol;
