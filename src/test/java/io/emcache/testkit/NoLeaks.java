package io.emcache.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Fails a test that leaves off-heap bytes, sockets, selectors or threads of the client behind. Put on a class, it holds for each
 * of its tests.
 *
 * <p>What is there before the {@code @BeforeEach} methods is compared with what is there after the
 * {@code @AfterEach} methods: the bytes of each {@code MemoryTag}, the sockets and selectors of this process (on Linux),
 * and the live platform threads whose names start with {@code emcache-}. The test has 10 s to give everything back.
 */
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NoLeaksExtension.class)
public @interface NoLeaks {
    /** When is compared. */
    enum Scope {
        /** Before and after each test. */
        TEST,
        /** Before and after the class only, for tests that share a client; not for methods. */
        CLASS
    }

    /**
     * Says when is compared.
     *
     * @return the scope
     */
    Scope value() default Scope.TEST;
}
