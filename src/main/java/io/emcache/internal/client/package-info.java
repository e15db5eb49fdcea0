/** Life of an operation: validation, deadlines, completion, the faces. */
package io.emcache.internal.client;
