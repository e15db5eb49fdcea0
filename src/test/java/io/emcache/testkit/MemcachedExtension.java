package io.emcache.testkit;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** Keeps the server of {@link WithMemcached} in the store of the class, which closes it. Used by one thread at a time. */
final class MemcachedExtension implements BeforeAllCallback, ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(MemcachedExtension.class);

    @Override
    public void beforeAll(ExtensionContext context) {
        server(context);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == MemcachedServer.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return server(context);
    }

    private static MemcachedServer server(ExtensionContext context) {
        return context.getStore(NAMESPACE)
                .computeIfAbsent(
                        MemcachedServer.class, type -> MemcachedServer.start(args(context)), MemcachedServer.class);
    }

    private static String[] args(ExtensionContext context) {
        return AnnotationSupport.findAnnotation(context.getRequiredTestClass(), WithMemcached.class)
                .map(WithMemcached::value)
                .orElseGet(() -> new String[0]);
    }
}
