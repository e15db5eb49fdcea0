package io.emcache;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.testkit.MemcachedServer;
import io.emcache.testkit.NoLeaks;
import io.emcache.testkit.WithMemcached;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of README and Javadoc, cut out, compiled and run as they stand, but for the address. */
@NoLeaks
@WithMemcached
class DocumentedExamplesTest {
    private static final Pattern README_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern SNIPPET = Pattern.compile("\\{@snippet :\n(.*?)\n \\* }\n \\*\n", Pattern.DOTALL);
    private static final Pattern ADDRESS = Pattern.compile("memcached://[0-9.:,]+");

    private final MemcachedServer server;

    @TempDir
    private Path directory;

    DocumentedExamplesTest(MemcachedServer server) {
        this.server = server;
    }

    @Test
    void readmeExampleRuns() throws Exception {
        String readme = Files.readString(Path.of("README.md"));
        List<String> examples = README_BLOCK
                .matcher(readme)
                .results()
                .map(block -> block.group(1))
                .toList();
        assertThat(examples).isNotEmpty();

        for (int i = 0; i < examples.size(); i++) {
            run("ReadmeExample" + i, "", examples.get(i));
        }

        assertThat(Long.parseLong(server.stats().get("delete_hits"))).isPositive();
        assertThat(Long.parseLong(server.stats().get("get_hits"))).isPositive();
    }

    @Test
    void exampleOfTheClientRuns() throws Exception {
        String source = Files.readString(Path.of("src/main/java/io/emcache/MemcachedClient.java"));
        Matcher snippet = SNIPPET.matcher(source);
        assertThat(snippet.find()).isTrue();
        String body = snippet.group(1)
                .lines()
                .map(line -> line.replaceFirst("^ \\* ?", ""))
                .collect(Collectors.joining("\n"));

        run("ClientExample", "byte[] bytes = {1, 2, 3};", body);

        assertThat(Long.parseLong(server.stats().get("cmd_set"))).isPositive();
    }

    private void run(String name, String before, String body) throws Exception {
        String local = ADDRESS.matcher(body).replaceAll(server.uri());
        assertThat(local).isNotEqualTo(body);
        Path source = directory.resolve(name + ".java");
        Files.writeString(source, """
                import io.emcache.*;
                import java.nio.charset.StandardCharsets;
                import java.time.Duration;
                import java.util.concurrent.CompletableFuture;
                public class %s {
                    public static void run() throws Exception {
                        %s
                        %s
                    }
                }
                """.formatted(name, before, local));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter messages = new StringWriter();
        try (var files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            List<String> options =
                    List.of("-d", directory.toString(), "-cp", System.getProperty("java.class.path"), "-proc:none");
            assertThat(compiler.getTask(messages, files, null, options, null, files.getJavaFileObjects(source))
                            .call())
                    .as(() -> messages + "\n" + local)
                    .isTrue();
        }
        URL[] compiled = {directory.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(compiled, getClass().getClassLoader())) {
            loader.loadClass(name).getMethod("run").invoke(null);
        }
    }
}
