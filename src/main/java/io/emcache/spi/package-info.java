/**
 * What a user may replace: interfaces that the library calls and users implement. {@link io.emcache.spi.Codec} turns values into
 * bytes and back, {@link io.emcache.spi.Compressor} makes bytes fewer,
 * {@link io.emcache.spi.NodeLocator} places keys on nodes, {@link io.emcache.spi.NodeDiscovery} says which nodes there are. Ready-made ones are in
 * {@link io.emcache.Codecs} and {@link io.emcache.Compression}.
 *
 * <p>The package depends on nothing but {@code io.emcache}.
 */
package io.emcache.spi;
