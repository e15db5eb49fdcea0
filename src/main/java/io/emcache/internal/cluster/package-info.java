/**
 * Which node and which connection. The {@code Router} places a key on a node by rendezvous hashing; a {@code Node} has the
 * lanes to one server, chooses among them for each call, and knows whether the server answers.
 */
package io.emcache.internal.cluster;
