/** What the client does when servers and networks fail, through its public face. */
package io.emcache.faults;
