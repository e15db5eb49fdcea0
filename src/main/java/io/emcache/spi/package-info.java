/**
 * What a user may replace: interfaces that the library calls and users implement. There are none yet, so the package is not
 * exported. It depends on nothing but {@code io.emcache}.
 */
package io.emcache.spi;
