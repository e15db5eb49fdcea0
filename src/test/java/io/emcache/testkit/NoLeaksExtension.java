package io.emcache.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Does what {@link NoLeaks} says. Used by one thread at a time. */
final class NoLeaksExtension implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
    /** Configuration parameter: how many milliseconds a test has to give everything back. */
    static final String WAIT_MS = "emcache.noLeaks.waitMs";

    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(NoLeaksExtension.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        remember(context, NoLeaks.Scope.CLASS);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        remember(context, NoLeaks.Scope.TEST);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        check(context, NoLeaks.Scope.TEST);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        check(context, NoLeaks.Scope.CLASS);
    }

    private static void remember(ExtensionContext context, NoLeaks.Scope scope) {
        if (scopeOf(context) == scope) {
            context.getStore(NAMESPACE).put(scope, ResourceSnapshot.take());
        }
    }

    private static void check(ExtensionContext context, NoLeaks.Scope scope) {
        if (scopeOf(context) != scope) {
            return;
        }
        ResourceSnapshot before = context.getStore(NAMESPACE).get(scope, ResourceSnapshot.class);
        if (before != null) {
            before.requireNothingLeft(waitLimit(context));
        }
    }

    private static Duration waitLimit(ExtensionContext context) {
        return context.getConfigurationParameter(WAIT_MS)
                .map(ms -> Duration.ofMillis(Long.parseLong(ms)))
                .orElse(TestThreads.GUARD);
    }

    /** The annotation of the method goes before that of its class, and that before the one of an enclosing class. */
    private static NoLeaks.Scope scopeOf(ExtensionContext context) {
        Optional<NoLeaks> onMethod =
                context.getTestMethod().flatMap(method -> AnnotationSupport.findAnnotation(method, NoLeaks.class));
        return onMethod.or(() -> AnnotationSupport.findAnnotation(
                        context.getRequiredTestClass(), NoLeaks.class, List.copyOf(context.getEnclosingTestClasses())))
                .map(NoLeaks::value)
                .orElse(NoLeaks.Scope.TEST);
    }
}
