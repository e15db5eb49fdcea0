package io.emcache.testkit;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.DockerClientFactory;

/**
 * Skips a test class, with the reason, where there can be no containers of memcached: they need an engine that Testcontainers can
 * use, and the image, which is never pulled ({@link NeverPull}). Put on a class by {@link ExtendWith}. Safe for all threads.
 *
 * <p>Where nothing looks like an engine, Testcontainers is not even asked: it would search for long and complain at length.
 */
public final class ContainerEngine implements ExecutionCondition {
    private static final String IMAGE = "memcached:1.6";

    /** Made by JUnit. */
    public ContainerEngine() {}

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (context.getTestMethod().isPresent()) {
            return ConditionEvaluationResult.enabled("as its class is");
        }
        String reason = whyNot();
        return reason == null
                ? ConditionEvaluationResult.enabled("there are an engine and an image")
                : ConditionEvaluationResult.disabled("no containers: " + reason);
    }

    private static @Nullable String whyNot() {
        String host = System.getenv("DOCKER_HOST");
        List<Path> sockets = sockets(host);
        if (sockets.stream().noneMatch(ContainerEngine::listens) && (host == null || host.startsWith("unix:"))) {
            return "no engine listens on " + sockets;
        }
        DockerClient client;
        try {
            client = DockerClientFactory.instance().client();
        } catch (RuntimeException e) {
            return "Testcontainers cannot use the engine, or has no image of its own helpers: " + e;
        }
        try {
            client.inspectImageCmd(IMAGE).exec();
            return null;
        } catch (NotFoundException e) {
            return "the engine has no image " + IMAGE + ", and tests pull none: docker pull " + IMAGE;
        }
    }

    /** Where Testcontainers looks. */
    private static List<Path> sockets(@Nullable String host) {
        if (host != null) {
            return host.startsWith("unix://") ? List.of(Path.of(host.substring("unix://".length()))) : List.of();
        }
        Path home = Path.of(System.getProperty("user.home"));
        List<Path> sockets = new ArrayList<>();
        sockets.add(Path.of("/var/run/docker.sock"));
        String runtime = System.getenv("XDG_RUNTIME_DIR");
        if (runtime != null) {
            sockets.add(Path.of(runtime, "docker.sock"));
        }
        sockets.add(home.resolve(".docker/run/docker.sock"));
        sockets.add(home.resolve(".docker/desktop/docker.sock"));
        return sockets;
    }

    private static boolean listens(Path socket) {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return channel.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
