package io.emcache;

import io.emcache.testkit.Certificates;
import io.emcache.testkit.Certificates.Authority;
import io.emcache.testkit.Certificates.Identity;
import io.emcache.testkit.FakeConfigEndpoint;
import io.emcache.testkit.MemcachedServer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Uses passwords in every way, right and wrong, and prints all that clients say of themselves meanwhile. */
final class SecretsScenario {
    private static final String PASSWORD = "Balthasar-42";
    private static final String WRONG = "Melchior-43";
    private static final String KEY_PASSWORD = "Kaspar-44";

    private SecretsScenario() {}

    /** What must not be printed. */
    static List<String> secrets() {
        return List.of(PASSWORD, WRONG, KEY_PASSWORD);
    }

    /** Prints everything; the argument is a directory for files. */
    public static void main(String[] args) throws IOException {
        run(System.out, Path.of(args[0]));
    }

    private static void run(PrintStream out, Path directory) {
        Authority ca = Certificates.authority("ca");
        Identity app = ca.client("app");
        TlsOptions tls = TlsOptions.builder()
                .ca(ca.pem())
                .pkcs12(app.writePkcs12(directory, KEY_PASSWORD))
                .keyPassword(KEY_PASSWORD::toCharArray)
                .build();
        TlsOptions locked = tls.mutate().keyPassword(WRONG::toCharArray).build();
        TlsOptions unverified = tls.mutate().verify(false).build();
        try (MemcachedServer plain =
                        MemcachedServer.builder().logins("user:" + PASSWORD).start();
                MemcachedServer encrypted = MemcachedServer.builder()
                        .tls(ca.server("127.0.0.1"))
                        .clientsOf(ca)
                        .logins("user:" + PASSWORD)
                        .start();
                MemcachedServer open = MemcachedServer.start();
                FakeConfigEndpoint endpoint = FakeConfigEndpoint.startGuarded(null, "user " + PASSWORD)) {
            endpoint.tellAddresses(1, List.of(plain.address()));
            for (String password : List.of(PASSWORD, WRONG)) {
                Credentials credentials = Credentials.of("user", password);
                out.println(credentials);
                use(out, options(plain.address()).credentials(node -> credentials));
                use(
                        out,
                        options(encrypted.address())
                                .credentials("user", password)
                                .tls(tls));
                use(
                        out,
                        options(endpoint.address())
                                .credentials("user", password)
                                .autodiscovery(Autodiscovery.CONFIG));
            }
            use(out, options(open.address()).credentials("user", PASSWORD));
            use(out, options(encrypted.address()).credentials("user", PASSWORD).tls(locked));
            use(out, options(encrypted.address()).credentials("user", PASSWORD).tls(unverified));
            use(out, options(plain.address()).credentials(node -> Credentials.of("user", WRONG + " and more")));
        }
    }

    private static ClientOptions.Builder options(String node) {
        return MemcachedClient.builder()
                .nodes(node)
                .connections(3)
                .timeout(Duration.ofSeconds(10))
                .connectionTimeout(Duration.ofSeconds(10));
    }

    private static void use(PrintStream out, ClientOptions.Builder options) {
        out.println(options.options());
        try (MemcachedClient client = options.build()) {
            client.events().listen(event -> {
                synchronized (out) {
                    out.println(event);
                }
            });
            attempt(out, () -> client.awaitReady(Duration.ofSeconds(1)));
            attempt(out, () -> out.println(client.set("k", new byte[10])));
            attempt(out, () -> out.println(client.async().get("k").join().length));
            attempt(out, () -> out.println(client.admin().stats()));
            for (NodeAddress node : client.cluster().nodes()) {
                out.println(node);
                attempt(out, () -> {
                    try (Stream<DumpedKey> keys =
                            client.admin().node(node.identity()).keys()) {
                        keys.forEach(out::println);
                    }
                });
            }
            out.println(client);
            out.println(client.health());
            out.println(client.cluster().connectionPoolMetrics());
        }
    }

    private static void attempt(PrintStream out, Runnable attempt) {
        try {
            attempt.run();
        } catch (RuntimeException e) {
            synchronized (out) {
                e.printStackTrace(out);
            }
        }
    }
}
