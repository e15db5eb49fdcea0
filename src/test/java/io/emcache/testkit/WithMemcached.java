package io.emcache.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives a test class one real memcached, started before its first and ended after its last test. Constructors, life-cycle
 * methods and tests get it as a parameter of type {@link MemcachedServer}. A test that stops or suspends the server
 * must bring it back.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(MemcachedExtension.class)
public @interface WithMemcached {
    /**
     * Further arguments of memcached.
     *
     * @return one element an argument, such as {@code {"-m", "64"}}
     */
    String[] value() default {};
}
