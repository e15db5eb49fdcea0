package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class FacesTest {
    private static final Set<String> LIFE =
            Set.of("async", "direct", "with", "namespace", "awaitReady", "poll", "close", "isClosed");

    /** They call code of the user's, and wait for others. */
    private static final Set<String> RECIPES = Set.of("getOrCompute", "update");

    @Test
    void asyncHasTheVerbsOfSync() {
        Map<String, String> sync = new TreeMap<>();
        for (Method method : MemcachedClient.class.getDeclaredMethods()) {
            boolean verb = !Modifier.isStatic(method.getModifiers())
                    && !LIFE.contains(method.getName())
                    && !RECIPES.contains(method.getName());
            if (verb && !method.isSynthetic()) {
                sync.put(signature(method), boxed(method.getGenericReturnType()).getTypeName());
            }
        }
        Map<String, String> async = new TreeMap<>();
        for (Method method : AsyncMemcachedClient.class.getDeclaredMethods()) {
            ParameterizedType future = (ParameterizedType) method.getGenericReturnType();
            assertThat(future.getRawType()).isEqualTo(CompletableFuture.class);
            async.put(signature(method), future.getActualTypeArguments()[0].getTypeName());
        }

        assertThat(async).isEqualTo(sync).isNotEmpty();
    }

    private static String signature(Method method) {
        return method.getName() + Arrays.toString(method.getGenericParameterTypes());
    }

    private static Type boxed(Type type) {
        return type == boolean.class ? Boolean.class : type;
    }
}
