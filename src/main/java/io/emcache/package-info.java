/**
 * The client: everything a user types. {@link io.emcache.MemcachedClient} is where to start; it makes clients from a URI or
 * from {@link io.emcache.ClientOptions}, and has an asynchronous face, {@link io.emcache.AsyncMemcachedClient}.
 *
 * <p>Expected outcomes are values: null on a miss, a boolean, a {@link io.emcache.StoreResult}, a
 * {@link io.emcache.MultiResult}. Failures are the sealed family of {@link io.emcache.MemcachedException}. Clients, keys,
 * options and results are safe for all threads; builders are for one.
 *
 * <p>The package knows one class of the engine, the factory in {@code io.emcache.internal.client}.
 */
package io.emcache;
