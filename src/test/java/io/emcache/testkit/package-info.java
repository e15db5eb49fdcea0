/** What tests stand on: real, scripted and faulty servers, leak checks, clocks and child processes. Knows nothing of the client. */
@NullMarked
package io.emcache.testkit;

import org.jspecify.annotations.NullMarked;
