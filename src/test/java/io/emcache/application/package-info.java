/** What users write, in the place of their code: beside the library, seeing nothing but what it exports. */
@NullMarked
package io.emcache.application;

import org.jspecify.annotations.NullMarked;
