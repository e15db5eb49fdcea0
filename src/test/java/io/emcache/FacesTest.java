package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class FacesTest {
    private static final Set<String> LIFE =
            Set.of("async", "direct", "typed", "with", "namespace", "awaitReady", "poll", "close", "isClosed");

    /** They call code of the user's, and wait for others. */
    private static final Set<String> RECIPES = Set.of("getOrCompute", "update");

    @Test
    void asyncHasTheVerbsOfSync() {
        assertSame(MemcachedClient.class, AsyncMemcachedClient.class);
    }

    @Test
    void typedAsyncHasTheVerbsOfTypedSync() {
        assertSame(TypedClient.class, AsyncTypedClient.class);
    }

    private static void assertSame(Class<?> syncFace, Class<?> asyncFace) {
        Map<String, String> sync = new TreeMap<>();
        for (Method method : verbs(syncFace)) {
            sync.put(signature(method), boxed(method.getGenericReturnType()).getTypeName());
        }
        Map<String, String> async = new TreeMap<>();
        for (Method method : verbs(asyncFace)) {
            ParameterizedType future = (ParameterizedType) method.getGenericReturnType();
            assertThat(future.getRawType()).isEqualTo(CompletableFuture.class);
            async.put(signature(method), future.getActualTypeArguments()[0].getTypeName());
        }

        assertThat(async).isEqualTo(sync).isNotEmpty();
    }

    private static List<Method> verbs(Class<?> face) {
        return Arrays.stream(face.getDeclaredMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()) && !method.isSynthetic())
                .filter(method -> !LIFE.contains(method.getName()) && !RECIPES.contains(method.getName()))
                .toList();
    }

    private static String signature(Method method) {
        return method.getName() + Arrays.toString(method.getGenericParameterTypes());
    }

    private static Type boxed(Type type) {
        return type == boolean.class ? Boolean.class : type;
    }
}
