package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FacesTest {
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
                .filter(method -> !Face.LIFE.contains(method.getName()) && !Face.RECIPES.contains(method.getName()))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(classes = {MemcachedClient.class, TypedClient.class})
    void eachVerbTakesBothKindsOfKeys(Class<?> face) {
        Map<String, String> strings = new TreeMap<>();
        Map<String, String> keys = new TreeMap<>();
        for (Method method : face.getDeclaredMethods()) {
            String signature = method.getGenericReturnType().getTypeName() + " " + signature(method);
            if (signature.contains(Key.class.getName())) {
                String twin = signature.replace(Key.class.getName(), String.class.getName());
                keys.put(twin.replace("ByKey[", "["), signature);
            } else if (!Modifier.isStatic(method.getModifiers()) && !Face.LIFE.contains(method.getName())) {
                strings.put(signature, signature);
            }
        }

        assertThat(keys).containsOnlyKeys(strings.keySet()).isNotEmpty();
    }

    private static String signature(Method method) {
        return method.getName() + Arrays.toString(method.getGenericParameterTypes());
    }

    private static Type boxed(Type type) {
        return type == boolean.class ? Boolean.class : type;
    }
}
