/** What a user may replace. */
package io.emcache.spi;
