package io.emcache;

import java.net.Inet6Address;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a node is, as it was configured: host and port, or the path of a unix socket. Immutable and safe for all threads.
 * A name is kept as written and never looked up here.
 *
 * <p>Two addresses are equal if place, {@link #identity()} and {@link #weight()} are. Identity and weight decide which keys the node gets, so
 * clients that share a cluster have to write it in the same way.
 */
public final class NodeAddress {
    /** The port of memcached. */
    public static final int DEFAULT_PORT = 11211;

    private static final String UNIX_PREFIX = "unix:";
    private static final int MAX_UNIX_PATH_BYTES = 106;
    private static final int MAX_HOST_LENGTH = 253;
    private static final int MAX_PORT = 65535;
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}._-]+");
    private static final Pattern PORT = Pattern.compile("\\d{1,5}");

    private static final Pattern WEIGHTED = Pattern.compile("(\\d{1,5})\\*(.*)", Pattern.DOTALL);
    private static final int MAX_WEIGHT = 65535;

    private final int port;
    private final int weight;
    private final @Nullable String id;
    private final @Nullable String host;
    private final @Nullable Path path;

    private NodeAddress(int weight, @Nullable String id, @Nullable String host, int port, @Nullable Path path) {
        this.port = port;
        this.weight = weight;
        this.id = id;
        this.host = host;
        this.path = path;
    }

    /**
     * Reads {@code host}, {@code host:port}, {@code [IPv6]}, {@code [IPv6]:port} or {@code unix:/path}. The port is
     * {@value #DEFAULT_PORT} if it is left out. A number after {@code unix:} is the port of a host with that name. Any of
     * them may stand behind a weight and an asterisk: {@code 3*host:port}.
     *
     * @param text the address
     * @return the address
     * @throws IllegalArgumentException if it is none of these
     */
    public static NodeAddress parse(String text) {
        Matcher weighted = WEIGHTED.matcher(text);
        return weighted.matches()
                ? parsePlace(weighted.group(2)).withWeight(Integer.parseInt(weighted.group(1)))
                : parsePlace(text);
    }

    private static NodeAddress parsePlace(String text) {
        if (text.startsWith(UNIX_PREFIX) && !isHostNamedUnix(text)) {
            return parseUnix(text.substring(UNIX_PREFIX.length()));
        }
        if (text.indexOf('@') >= 0) {
            throw new IllegalArgumentException("a node address holds no credentials");
        }
        if (text.startsWith("[")) {
            return parseBracketed(text);
        }
        int colon = text.indexOf(':');
        if (colon < 0) {
            return tcp(text, DEFAULT_PORT);
        }
        if (text.indexOf(':', colon + 1) >= 0) {
            throw new IllegalArgumentException(
                    "not host:port: " + quote(text) + "; write an IPv6 address as [::1]:11211");
        }
        return tcp(text.substring(0, colon), parsePort(text, text.substring(colon + 1)));
    }

    /**
     * Returns the address of a node that is reached over TCP.
     *
     * @param host a name or an IP address, an IPv6 address with or without brackets
     * @param port 1 to 65535
     * @return the address
     * @throws IllegalArgumentException if the host cannot be one, or the port is out of range
     */
    public static NodeAddress tcp(String host, int port) {
        if (port < 1 || port > MAX_PORT) {
            throw new IllegalArgumentException("a port is 1 to " + MAX_PORT + ", not " + port);
        }
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String bare = bracketed ? host.substring(1, host.length() - 1) : host;
        if (bracketed || bare.indexOf(':') >= 0) {
            checkIpv6(bare);
        } else if (bare.length() > MAX_HOST_LENGTH || !NAME.matcher(bare).matches()) {
            throw new IllegalArgumentException("not a host name: " + quote(host));
        }
        return new NodeAddress(1, null, bare, port, null);
    }

    /**
     * Returns the address of a node that is reached over a unix socket.
     *
     * @param path the path of the socket, at most 106 bytes in UTF-8
     * @return the address
     * @throws IllegalArgumentException if the path is empty or too long, or reads as a port
     */
    public static NodeAddress unix(Path path) {
        int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length == 0) {
            throw new IllegalArgumentException("the path of a unix socket must not be empty");
        }
        if (PORT.matcher(path.toString()).matches()) {
            throw new IllegalArgumentException("a path that reads as a port is written ./" + path);
        }
        if (length > MAX_UNIX_PATH_BYTES) {
            throw new IllegalArgumentException("the path of a unix socket has at most " + MAX_UNIX_PATH_BYTES
                    + " bytes, not " + length + ": " + quote(path.toString()));
        }
        return new NodeAddress(1, null, null, -1, path);
    }

    /**
     * Returns this place under an identity of its own, so that the node keeps its keys when it moves to another place.
     *
     * @param newId not blank
     * @return the address
     * @throws IllegalArgumentException if the id is blank or holds a control
     */
    public NodeAddress withId(String newId) {
        if (newId.isBlank() || !newId.codePoints().allMatch(SafeText::isPrintable)) {
            throw new IllegalArgumentException("the id of a node must be printable and not blank: " + quote(newId));
        }
        return new NodeAddress(weight, newId, host, port, path);
    }

    /**
     * Returns this place with another share of the keys: a node of weight 3 gets three times the keys of one of weight 1,
     * if the locator knows weights.
     *
     * @param newWeight 1 to 65535
     * @return the address
     * @throws IllegalArgumentException if the weight is out of range
     */
    public NodeAddress withWeight(int newWeight) {
        if (newWeight < 1 || newWeight > MAX_WEIGHT) {
            throw new IllegalArgumentException("a weight is 1 to " + MAX_WEIGHT + ", not " + newWeight);
        }
        return new NodeAddress(newWeight, id, host, port, path);
    }

    /**
     * Returns the node's share of the keys, against those of the others.
     *
     * @return 1 to 65535, 1 unless it was given another
     */
    public int weight() {
        return weight;
    }

    /**
     * Returns what the node is called in messages, metrics and by the router.
     *
     * @return the id if there is one, else {@code host:port} with the host as written, else the path
     */
    public String identity() {
        return id != null ? id : path != null ? path.toString() : hostAndPort();
    }

    /**
     * Returns whether the node is reached over a unix socket.
     *
     * @return whether there is a path, and no host and port
     */
    public boolean isUnix() {
        return path != null;
    }

    /**
     * Returns the host.
     *
     * @return the name or IP address as written, an IPv6 address without brackets; null for a unix socket
     */
    public @Nullable String host() {
        return host;
    }

    /**
     * Returns the port.
     *
     * @return 1 to 65535, or -1 for a unix socket
     */
    public int port() {
        return port;
    }

    /**
     * Returns the path of the unix socket.
     *
     * @return the path as written; null for TCP
     */
    public @Nullable Path path() {
        return path;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof NodeAddress address
                && address.port == port
                && address.weight == weight
                && Objects.equals(address.id, id)
                && Objects.equals(address.host, host)
                && Objects.equals(address.path, path);
    }

    @Override
    public int hashCode() {
        return Objects.hash(id, host, port, path, weight);
    }

    /** Returns the address in the form that {@link #parse(String)} reads, after {@code id=} if it has an id. */
    @Override
    public String toString() {
        String share = weight == 1 ? "" : weight + "*";
        String place = share + (path != null ? UNIX_PREFIX + path : hostAndPort());
        return id == null ? place : id + "=" + place;
    }

    private String hostAndPort() {
        String name = Objects.requireNonNull(host);
        return name.indexOf(':') < 0 ? name + ":" + port : "[" + name + "]:" + port;
    }

    private static boolean isHostNamedUnix(String text) {
        return PORT.matcher(text).region(UNIX_PREFIX.length(), text.length()).matches();
    }

    /** Reads what follows {@code unix:}. */
    static NodeAddress parseUnix(String rest) {
        boolean authority = rest.startsWith("//");
        if (authority && !rest.startsWith("///")) {
            throw new IllegalArgumentException("a unix socket has no host: write unix:/path");
        }
        try {
            return unix(Path.of(authority ? rest.substring(2) : rest));
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("not a path: " + quote(rest), e);
        }
    }

    private static NodeAddress parseBracketed(String text) {
        int end = text.indexOf(']');
        String rest = end < 0 ? "" : text.substring(end + 1);
        if (end < 0 || !(rest.isEmpty() || rest.startsWith(":"))) {
            throw new IllegalArgumentException("not [IPv6]:port: " + quote(text));
        }
        int port = rest.isEmpty() ? DEFAULT_PORT : parsePort(text, rest.substring(1));
        return tcp(text.substring(0, end + 1), port);
    }

    private static int parsePort(String text, String port) {
        if (!PORT.matcher(port).matches()) {
            throw new IllegalArgumentException("not a port after the colon: " + quote(text));
        }
        return Integer.parseInt(port);
    }

    /** The zone names an interface of this machine, which need not be up yet. */
    private static void checkIpv6(String literal) {
        int percent = literal.indexOf('%');
        String zone = percent < 0 ? "0" : literal.substring(percent + 1);
        try {
            Inet6Address.ofLiteral(percent < 0 ? literal : literal.substring(0, percent));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("not an IPv6 address: " + quote(literal), e);
        }
        if (!NAME.matcher(zone).matches()) {
            throw new IllegalArgumentException("not a zone of an IPv6 address: " + quote(literal));
        }
    }

    private static String quote(String text) {
        return "'" + SafeText.quotable(text, MAX_HOST_LENGTH) + "'";
    }
}
