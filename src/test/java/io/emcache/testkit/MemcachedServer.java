package io.emcache.testkit;

import io.emcache.testkit.Certificates.Authority;
import io.emcache.testkit.Certificates.Identity;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The real memcached as a child process. Safe for all threads: what changes its state is synchronized.
 *
 * <p>The program is that of a {@link ServerRelease}, {@link ServerRelease#SYSTEM} unless told otherwise. It listens on a loopback port of the kernel's choice, or on a unix socket, and ends with this object, at
 * the latest with this JVM. While it does not run, its port is kept for it.
 */
public final class MemcachedServer implements AutoCloseable {
    private static final Set<Process> CHILDREN = ConcurrentHashMap.newKeySet();

    static {
        Thread reaper = new Thread(() -> CHILDREN.forEach(Process::destroyForcibly), "testkit-memcached-reaper");
        Runtime.getRuntime().addShutdownHook(reaper);
    }

    private volatile int port;
    private boolean suspended;

    private final String binary;
    private final List<String> args;
    private final ServerProbe probe;
    private final @Nullable Path socketPath;
    private final Path directory;
    private volatile @Nullable Process process;
    private @Nullable Socket reservation;

    private MemcachedServer(Builder builder) {
        binary = builder.binary;
        socketPath = builder.socketPath;
        try {
            directory = Files.createTempDirectory("emcache-memcached");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        args = builder.allArgs(directory);
        probe = new ServerProbe(builder.operator(), builder.logins == null ? null : loginFile(directory));
        if (builder.identity != null) {
            identity(builder.identity);
        }
        if (builder.logins != null) {
            logins(builder.logins);
        }
        if (builder.clients != null) {
            move(builder.clients.writePem(directory), clientsFile(directory));
        }
    }

    /**
     * Returns what a server of the system's release on TCP is like, plain and open to everybody, for more to be said.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Starts a server on a free port of 127.0.0.1 and waits until it answers.
     *
     * @param args further arguments of memcached, such as {@code "-m", "64"}
     * @return the running server
     * @throws IllegalStateException if it cannot be started; the message holds what it printed
     */
    public static MemcachedServer start(String... args) {
        return start(ServerRelease.SYSTEM, args);
    }

    /**
     * Starts a server of a release on a free port of 127.0.0.1 and waits until it answers.
     *
     * @param release which memcached; a test calls {@link ServerRelease#assumeAvailable()} before
     * @param args further arguments of memcached
     * @return the running server
     * @throws IllegalStateException if it cannot be started; the message holds what it printed
     */
    public static MemcachedServer start(ServerRelease release, String... args) {
        return builder().release(release).args(args).start();
    }

    /**
     * Starts a server on a unix socket and waits until it answers.
     *
     * @param socketPath where the socket is made; at most 106 bytes long
     * @param args further arguments of memcached
     * @return the running server
     * @throws IllegalStateException if it cannot be started; the message holds what it printed
     */
    public static MemcachedServer startUnix(Path socketPath, String... args) {
        return builder().unix(socketPath).args(args).start();
    }

    static MemcachedServer startBinary(String binary, String... args) {
        return builder().binary(binary).args(args).start();
    }

    /**
     * Returns how a client names this node.
     *
     * @return {@code 127.0.0.1:PORT}, or the path of the unix socket
     */
    public String address() {
        return socketPath != null ? socketPath.toString() : "127.0.0.1:" + port;
    }

    /**
     * Returns the port, which stays the same over {@link #restart()}.
     *
     * @return the TCP port
     * @throws IllegalStateException if the server listens on a unix socket
     */
    public int port() {
        if (socketPath != null) {
            throw new IllegalStateException("a server on a unix socket has no port: " + socketPath);
        }
        return port;
    }

    /**
     * Returns the URI a client connects to.
     *
     * @return {@code memcached://127.0.0.1:PORT}, {@code memcacheds://127.0.0.1:PORT} with TLS, or {@code unix:/path}
     */
    public String uri() {
        return socketPath != null
                ? "unix:" + socketPath.toAbsolutePath()
                : (probe.tls() == null ? "memcached://" : "memcacheds://") + address();
    }

    /**
     * Returns the id of the child process.
     *
     * @return the process id
     * @throws IllegalStateException if no process runs
     */
    public long pid() {
        return running().pid();
    }

    /**
     * Returns whether the child process runs; a suspended one does.
     *
     * @return true while it runs
     */
    public boolean isAlive() {
        Process process = this.process;
        return process != null && process.isAlive();
    }

    /** Ends the server as an operator would (SIGTERM) and waits until it is gone. Without effect if it does not run. */
    public synchronized void stop() {
        if (suspended) {
            resume();
        }
        end(Process::destroy);
    }

    /** Ends the server at once (SIGKILL) and waits until it is gone. Without effect if it does not run. */
    public synchronized void kill() {
        end(Process::destroyForcibly);
    }

    /** Freezes the server (SIGSTOP): the kernel still accepts connections and bytes for it, it answers nothing. */
    public synchronized void suspend() {
        signal("STOP");
        suspended = true;
        if (!TestThreads.await(TestThreads.GUARD, () -> allTasksStopped(pid()))) {
            throw new IllegalStateException("memcached did not stop on SIGSTOP [pid=" + pid() + "]");
        }
    }

    /** Thaws a frozen server (SIGCONT). */
    public synchronized void resume() {
        signal("CONT");
        suspended = false;
    }

    /**
     * Gives the server another certificate, which it shows once it is restarted.
     *
     * @param identity the certificate with its issuers, and the key
     * @throws IllegalStateException if it was started without TLS
     */
    public synchronized void identity(Identity identity) {
        if (probe.tls() == null) {
            throw new IllegalStateException("the server was started without TLS");
        }
        move(identity.writeChain(directory), chainFile(directory));
        move(identity.writeKey(directory), keyFile(directory));
    }

    /**
     * Gives the server other users, whom it knows once it is restarted.
     *
     * @param logins each {@code user:password}, at least one
     * @throws IllegalStateException if it was started without users
     */
    public synchronized void logins(String... logins) {
        if (probe.authFile() == null) {
            throw new IllegalStateException("the server was started without users");
        }
        try {
            Files.writeString(loginFile(directory), String.join("\n", logins) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends the server if it runs, starts an empty one on the same address, and waits until it answers. */
    public synchronized void restart() {
        stop();
        launch();
    }

    /** Thaws the server if it is frozen, starts it if it does not run; otherwise it goes on. */
    public synchronized void heal() {
        if (suspended) {
            resume();
        } else if (!isAlive()) {
            launch();
        }
    }

    /** Waits until the server answers {@code version}, for at most 10 s. */
    public void awaitReady() {
        awaitReady(TestThreads.GUARD);
    }

    /**
     * Waits until the server answers {@code version}, or asks for a password. One that speaks the binary protocol only counts as ready
     * once it accepts connections.
     *
     * @param atMost how long to wait
     * @throws IllegalStateException if the server ended or the time is over; the message holds what it printed
     */
    public void awaitReady(Duration atMost) {
        if (!TestThreads.await(atMost, () -> !isAlive() || answers())) {
            throw new IllegalStateException("memcached does not answer after " + atMost + describe());
        }
        if (!isAlive()) {
            throw new IllegalStateException("memcached ended at its start" + describe());
        }
    }

    /**
     * Sends one command over a connection of its own, encrypted and with the first password of the file as the server wants it.
     *
     * @param line the command without its line end
     * @return the first line of the reply, without its line end
     */
    public String command(String line) {
        return ask(line, "\r\n").lines().findFirst().orElse("");
    }

    /**
     * Asks the server for its statistics.
     *
     * @param arguments none for the general ones
     * @return name to value, in the server's order
     */
    public Map<String, String> stats(String... arguments) {
        String command = Stream.concat(Stream.of("stats"), Stream.of(arguments)).collect(Collectors.joining(" "));
        Map<String, String> stats = new LinkedHashMap<>();
        for (String line : ask(command, "END\r\n").split("\r\n", -1)) {
            String[] words = line.split(" ", 3);
            if (words.length == 3 && words[0].equals("STAT")) {
                stats.put(words[1], words[2]);
            }
        }
        return stats;
    }

    /** Ends the server and deletes what was made for it. Idempotent. */
    @Override
    public synchronized void close() {
        kill();
        endReservation();
        try (Stream<Path> files = Files.exists(directory) ? Files.list(directory) : Stream.empty()) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private MemcachedServer launched() {
        try {
            launch();
            return this;
        } catch (RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    private synchronized void launch() {
        try {
            Files.deleteIfExists(portFile());
            ProcessBuilder builder = new ProcessBuilder(commandLine())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
            builder.environment().put("MEMCACHED_PORT_FILENAME", portFile().toString());
            if (args.contains("-S")) {
                Files.writeString(directory.resolve("memcached.conf"), "mech_list: plain\n");
                builder.environment().put("SASL_CONF_PATH", directory.toString());
            }
            Process started = builder.start();
            CHILDREN.add(started);
            process = started;
            suspended = false;
        } catch (IOException e) {
            throw new IllegalStateException(
                    "cannot run memcached as '" + binary
                            + "': scripts/setup installs it, EMCACHE_MEMCACHED names another program",
                    e);
        }
        awaitReady();
        endReservation();
    }

    /**
     * Binds the port without listening, so that the kernel gives it to nobody else, not even to a client of it that would then
     * be connected to itself. Who binds it by number can share it, and connections are refused.
     */
    private void reservePort() {
        if (socketPath != null || port == 0) {
            return;
        }
        Socket socket = new Socket();
        try {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            reservation = socket;
        } catch (IOException e) {
            TestThreads.close(socket);
            throw new UncheckedIOException("the port of a stopped memcached is taken: " + port, e);
        }
    }

    private void endReservation() {
        if (reservation != null) {
            TestThreads.close(reservation);
            reservation = null;
        }
    }

    private List<String> commandLine() {
        List<String> command = new ArrayList<>();
        // Only root needs a user, and memcached ignores it for everybody else.
        command.addAll(List.of(binary, "-u", System.getProperty("user.name")));
        if (socketPath != null) {
            command.addAll(List.of("-s", socketPath.toString(), "-a", "0700"));
        } else {
            command.addAll(List.of("-l", "127.0.0.1", "-p", port == 0 ? "-1" : Integer.toString(port)));
        }
        command.addAll(args);
        return command;
    }

    private boolean answers() {
        try {
            if (socketPath == null && port == 0) {
                if (!Files.exists(portFile())) {
                    return false;
                }
                port = readPort(Files.readString(portFile()));
            }
            if (isBinaryOnly()) {
                SocketChannel.open(socketAddress()).close();
                return true;
            }
            return probe.isAnswered(socketAddress());
        } catch (IOException e) {
            return false;
        }
    }

    private static int readPort(String portFile) throws IOException {
        // One line a socket: "TCP INET: 11211".
        String line = portFile.lines().findFirst().orElseThrow(() -> new EOFException("empty port file"));
        return Integer.parseInt(line.substring(line.lastIndexOf(' ') + 1));
    }

    private String ask(String command, String end) {
        try {
            return probe.ask(socketAddress(), command, end);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private SocketAddress socketAddress() {
        return socketPath != null
                ? UnixDomainSocketAddress.of(socketPath)
                : new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    private Process running() {
        Process process = this.process;
        if (process == null) {
            throw new IllegalStateException("memcached does not run [address=" + address() + "]");
        }
        return process;
    }

    private void end(Consumer<Process> how) {
        Process process = this.process;
        if (process == null) {
            return;
        }
        how.accept(process);
        if (!TestThreads.await(TestThreads.GUARD, () -> !process.isAlive())) {
            process.destroyForcibly().onExit().join();
        }
        CHILDREN.remove(process);
        this.process = null;
        suspended = false;
        reservePort();
    }

    private void signal(String name) {
        try {
            // By the shell, whose own kill is there where no program of that name is.
            Process kill = new ProcessBuilder("sh", "-c", "kill -" + name + " " + pid())
                    .inheritIO()
                    .start();
            if (kill.waitFor() != 0) {
                throw new IllegalStateException("cannot send SIG" + name + " to memcached [pid=" + pid() + "]");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while sending SIG" + name, e);
        }
    }

    /** A signal stops the threads of a process one by one; true where there is no /proc to ask. */
    private static boolean allTasksStopped(long pid) {
        Path tasks = Path.of("/proc", Long.toString(pid), "task");
        if (!Files.isDirectory(tasks)) {
            return true;
        }
        try (Stream<Path> each = Files.list(tasks)) {
            for (Path task : each.toList()) {
                String stat = Files.readString(task.resolve("stat"));
                if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean isBinaryOnly() {
        return args.contains("-S") || args.contains("binary");
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path chainFile(Path directory) {
        return directory.resolve("server-chain");
    }

    private static Path keyFile(Path directory) {
        return directory.resolve("server-key");
    }

    private static Path clientsFile(Path directory) {
        return directory.resolve("clients");
    }

    private static Path loginFile(Path directory) {
        return directory.resolve("logins");
    }

    private Path portFile() {
        return directory.resolve("port");
    }

    private Path log() {
        return directory.resolve("log");
    }

    private String describe() {
        try {
            String printed = Files.exists(log()) ? Files.readString(log()).strip() : "";
            return " [command=" + String.join(" ", commandLine()) + ", printed=" + printed + "]";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How a server is started. For one thread. */
    public static final class Builder {
        private String binary = ServerRelease.SYSTEM.binary();
        private List<String> args = List.of();
        private @Nullable Path socketPath;
        private @Nullable Identity identity;
        private @Nullable Authority clients;
        private String @Nullable [] logins;

        private Builder() {}

        /**
         * Takes another release.
         *
         * @param release which; a test calls {@link ServerRelease#assumeAvailable()} before
         * @return this
         */
        public Builder release(ServerRelease release) {
            return binary(release.binary());
        }

        Builder binary(String path) {
            binary = path;
            return this;
        }

        /**
         * Listens on a unix socket, where no server speaks TLS.
         *
         * @param path where it is made; at most 106 bytes long
         * @return this
         */
        public Builder unix(Path path) {
            socketPath = path;
            return this;
        }

        /**
         * Speaks TLS only.
         *
         * @param server the certificate it shows, and its key
         * @return this
         */
        public Builder tls(Identity server) {
            identity = server;
            return this;
        }

        /**
         * Serves nobody who does not show a certificate. Needs {@link #tls}.
         *
         * @param authority who has to have issued it
         * @return this
         */
        public Builder clientsOf(Authority authority) {
            clients = authority;
            return this;
        }

        /**
         * Serves nobody who does not give a password.
         *
         * @param logins each {@code user:password}, at least one
         * @return this
         */
        public Builder logins(String... logins) {
            this.logins = logins.clone();
            return this;
        }

        /**
         * Gives memcached further arguments.
         *
         * @param args such as {@code "-m", "64"}
         * @return this
         */
        public Builder args(String... args) {
            this.args = List.of(args);
            return this;
        }

        /**
         * Starts the server and waits until it answers.
         *
         * @return the running server
         * @throws IllegalStateException if it cannot be started; the message holds what it printed
         */
        public MemcachedServer start() {
            return new MemcachedServer(this).launched();
        }

        private List<String> allArgs(Path directory) {
            List<String> all = new ArrayList<>();
            if (identity != null) {
                all.addAll(List.of("-Z", "-o", "ssl_chain_cert=" + chainFile(directory)));
                all.addAll(List.of("-o", "ssl_key=" + keyFile(directory)));
            }
            if (clients != null) {
                all.addAll(List.of("-o", "ssl_verify_mode=2", "-o", "ssl_ca_cert=" + clientsFile(directory)));
            }
            if (logins != null) {
                all.addAll(List.of("-Y", loginFile(directory).toString()));
            }
            all.addAll(args);
            return List.copyOf(all);
        }

        private @Nullable Supplier<SSLContext> operator() {
            if (identity == null) {
                return null;
            }
            Identity operator = clients == null ? null : clients.client("operator");
            return () -> OperatorContext.of(operator);
        }
    }
}
