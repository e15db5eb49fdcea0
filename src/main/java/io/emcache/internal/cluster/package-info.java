/** Which node and which connection. */
package io.emcache.internal.cluster;
