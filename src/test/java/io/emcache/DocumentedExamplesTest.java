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
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The examples of README and Javadoc, cut out, compiled and run as they stand, but for the address; and those of the guide that
 * need an engine for containers are code of a test.
 */
@NoLeaks
@WithMemcached
class DocumentedExamplesTest {
    private static final Pattern JAVA_BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
    private static final Pattern SNIPPET = Pattern.compile("\\{@snippet :\n(.*?)\n *\\* }\n *\\*\n", Pattern.DOTALL);
    private static final Pattern URI = Pattern.compile("memcached://[0-9.:,]+");
    private static final Pattern ADDRESS = Pattern.compile("10\\.0\\.0\\.1:11211");

    private final MemcachedServer server;

    @TempDir
    private Path directory;

    DocumentedExamplesTest(MemcachedServer server) {
        this.server = server;
    }

    @Test
    void readmeExampleRuns() throws Exception {
        String readme = Files.readString(Path.of("README.md"));
        List<String> examples = blocks(readme);
        assertThat(examples).isNotEmpty();

        for (int i = 0; i < examples.size(); i++) {
            run("ReadmeExample" + i, examples.get(i));
        }

        assertThat(Long.parseLong(server.stats().get("delete_hits"))).isPositive();
        assertThat(Long.parseLong(server.stats().get("get_hits"))).isPositive();
    }

    @Test
    void examplesOfTheJavadocRun() throws Exception {
        int examples = 0;
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java/io/emcache"))) {
            for (Path source :
                    sources.filter(DocumentedExamplesTest::isPublic).sorted().toList()) {
                Matcher snippet = SNIPPET.matcher(Files.readString(source));
                while (snippet.find()) {
                    String body = snippet.group(1)
                            .lines()
                            .map(line -> line.replaceFirst("^ *\\* ?", ""))
                            .collect(Collectors.joining("\n"));
                    run("JavadocExample" + examples++, body);
                }
            }
        }

        assertThat(examples).isGreaterThanOrEqualTo(6);
        assertThat(Long.parseLong(server.stats().get("cmd_set"))).isPositive();
    }

    @Test
    void examplesWithContainersArePartsOfTheirTest() throws Exception {
        String guide = Files.readString(Path.of("docs/guide.md"));
        int start = guide.indexOf("\n## Testing with containers\n");
        String section = guide.substring(start, guide.indexOf("\n## ", start + 1));
        String test = squeezed(Files.readString(Path.of("src/test/java/io/emcache/ContainersTest.java")));
        List<String> examples = blocks(section);

        assertThat(examples)
                .hasSizeGreaterThanOrEqualTo(6)
                .allSatisfy(example -> assertThat(test).contains(squeezed(example)));
    }

    private static List<String> blocks(String text) {
        return JAVA_BLOCK.matcher(text).results().map(block -> block.group(1)).toList();
    }

    private static String squeezed(String code) {
        return code.replaceAll("\\s+", "");
    }

    private static boolean isPublic(Path source) {
        return source.toString().endsWith(".java") && !source.toString().contains("internal");
    }

    private void run(String name, String body) throws Exception {
        String local =
                ADDRESS.matcher(URI.matcher(body).replaceAll(server.uri())).replaceAll(server.address());
        boolean member = body.startsWith("private ");
        Path source = directory.resolve(name + ".java");
        Files.writeString(source, """
                import io.emcache.*;
                import io.emcache.spi.*;
                import java.lang.foreign.MemorySegment;
                import java.nio.charset.StandardCharsets;
                import java.nio.file.*;
                import java.time.*;
                import java.util.*;
                import java.util.concurrent.CompletableFuture;
                import java.util.stream.*;
                public class %s {
                    interface Book {
                        void update(MemorySegment segment, long offset, int length);
                    }
                    static final org.slf4j.Logger log = org.slf4j.LoggerFactory.getLogger("example");
                    static final byte[] bytes = {1, 2, 3};
                    static final Path secret = Path.of("secret");
                    static final Instant yesterday = Instant.now().minus(Duration.ofDays(1));
                    static final MemorySegment symbols = MemorySegment.ofArray(new byte[] {'E', 'U', 'R', 'X'});
                    static final Book book = (segment, offset, length) -> {};
                    static MemcachedClient client;
                    %s
                    public static void run() throws Exception {
                        try (MemcachedClient connected = MemcachedClient.connect("%s")) {
                            client = connected;
                            %s
                        }
                    }
                }
                """.formatted(name, member ? local : "", server.uri(), member ? "" : local));
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
