/** The client: everything a user types. */
package io.emcache;
