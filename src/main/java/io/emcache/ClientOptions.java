package io.emcache;

import io.emcache.spi.CredentialsProvider;
import io.emcache.spi.NodeDiscovery;
import io.emcache.spi.NodeLocator;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * All settings of a client, validated. Immutable and safe for all threads; one record may serve several clients.
 *
 * <p>Make it with {@link MemcachedClient#builder()}, {@link #fromUri(String)} or {@link #fromProperties(Properties)}, and
 * change it with {@link #mutate()}. Components are added in minor releases, so the constructor and record patterns are
 * not for users. Sizes are in bytes.
 *
 * @param nodes the nodes, at least one, each identity once; with an autodiscovery whom to ask, with a discovery of the
 *     user's what there is before its first list, if anything
 * @param timeout the deadline of each call, from its entry; 1 ms to 24 h, 1 s by default
 * @param connectionTimeout how long one attempt to connect may take until the server has answered; 1 ms to 24 h, 2 s by
 *     default
 * @param minConnections how many connections each node has at least; 1 to 256, 1 by default
 * @param maxConnections how many it may have when there is more to do; minConnections to 256, 8 by default. For blocking
 *     calls of platform threads alone it gets no more than there are processors: more would make smaller batches of them
 * @param purgeUnusedConnectionsAfter after how long a connection that was not needed is closed, down to minConnections;
 *     zero for never, or 1 ms to 24 h, 60 s by default
 * @param purgeUnhealthyNodes whether the keys of a node that does not answer are placed on the others until it does; false
 *     by default: calls to it fail at once. What was written meanwhile is stale when the node is back
 * @param maxInFlightPerConnection how many requests may await their reply on one connection; 1 to 65536, rounded up
 *     to a power of two, 1024 by default
 * @param ringBytes the least size of the command ring of one connection, a power of two of 4 KiB to 64 MiB, 256 KiB by
 *     default; larger by itself if maxQueuedPerNode needs it. Values larger than an eighth of it, or than about 32 KiB,
 *     travel beside the ring
 * @param maxQueuedPerNode how many calls may be inside one node, waiting or in flight; 1 to 1048576, 4096 by default
 * @param maxQueuedBytesPerNode how many bytes of requests may be inside one node; at least itemSizeLimit, 16 MiB by
 *     default
 * @param largestValueRead the largest value taken from a server, itemSizeLimit to 1 GiB, 64 MiB by default
 * @param itemSizeLimit the largest value sent to a server; 1 byte to 1 GiB, 1 MiB less 1 KiB by default, which is what a
 *     server takes by default
 * @param heartbeatInterval after how long without a request a connection is asked for a sign of life; 1 ms to 24 h, 10 s
 *     by default
 * @param eventLoops how many event loops share the connections; 1 to 64, 1 by default
 * @param locator how keys are placed on nodes; {@link Locator#RENDEZVOUS} by default
 * @param customLocator places keys in place of the locator; null by default
 * @param autodiscovery where the nodes are learned from; {@link Autodiscovery#NONE} by default
 * @param discovery says which nodes there are, in place of an autodiscovery; null by default
 * @param autodiscoveryPollInterval how often either is asked, give or take a tenth; 1 ms to 24 h, 60 s by default
 * @param autodiscoveryTimeout how long either may take; 1 ms to 24 h, 5 s by default
 * @param tls how connections are encrypted, all of them; null, the default, for not at all. All nodes are hosts then, none a
 *     unix socket
 * @param credentials says at each connection who the client is; null, the default, for a client without a name. A password is
 *     sent as it is, so where others can listen it wants {@code tls}
 * @param forceClassic whether to use the classic text commands also where the server has the meta commands; false by
 *     default
 * @param hashLongKeys whether keys that are too long, with the prefix of their namespace, are hashed as {@link Key} says
 *     and not refused; false by default
 * @param autobatching whether gets that wait for the same connection at the same time are asked as one; false by default. Nothing ever
 *     waits for others to come. It is for {@code get}, and on servers without the meta commands for {@code getItem}
 * @param autobatchingMaxKeys how many keys are asked as one at most; 2 to 100, 32 by default
 * @param driver which threads drive the sockets; {@link Driver#caller()} by default
 * @param nanoClock the monotonic clock of all deadlines, in nanoseconds; {@link System#nanoTime()} by default
 * @param wallClock the clock that turns a {@link Ttl} into a time of the calendar; {@link InstantSource#system()} by
 *     default
 * @param completionExecutor where futures are completed; the common pool by default. The client does not shut it down
 */
public record ClientOptions(
        List<NodeAddress> nodes,
        Duration timeout,
        Duration connectionTimeout,
        int minConnections,
        int maxConnections,
        Duration purgeUnusedConnectionsAfter,
        boolean purgeUnhealthyNodes,
        int maxInFlightPerConnection,
        int ringBytes,
        int maxQueuedPerNode,
        long maxQueuedBytesPerNode,
        int largestValueRead,
        int itemSizeLimit,
        Duration heartbeatInterval,
        int eventLoops,
        Locator locator,
        @Nullable NodeLocator customLocator,
        Autodiscovery autodiscovery,
        @Nullable NodeDiscovery discovery,
        Duration autodiscoveryPollInterval,
        Duration autodiscoveryTimeout,
        @Nullable TlsOptions tls,
        @Nullable CredentialsProvider credentials,
        boolean forceClassic,
        boolean hashLongKeys,
        boolean autobatching,
        int autobatchingMaxKeys,
        Driver driver,
        LongSupplier nanoClock,
        InstantSource wallClock,
        Executor completionExecutor) {

    /**
     * Validates the settings.
     *
     * @throws IllegalArgumentException if some settings are out of range or contradict each other; it names all of them
     */
    public ClientOptions {
        nodes = List.copyOf(nodes);
        OptionRules rules = new OptionRules();
        rules.distinctNodes(nodes, discovery == null ? 1 : 0);
        rules.duration("timeout", timeout);
        rules.duration("connectionTimeout", connectionTimeout);
        rules.range("minConnections", minConnections, 1, 256);
        rules.range("maxConnections", maxConnections, 1, 256);
        rules.atLeast("maxConnections", maxConnections, "minConnections", minConnections);
        rules.durationOrZero("purgeUnusedConnectionsAfter", purgeUnusedConnectionsAfter);
        rules.range("maxInFlightPerConnection", maxInFlightPerConnection, 1, 1 << 16);
        rules.powerOfTwo("ringBytes", ringBytes, 1 << 12, 1 << 26);
        rules.range("maxQueuedPerNode", maxQueuedPerNode, 1, 1 << 20);
        rules.range("itemSizeLimit", itemSizeLimit, 1, 1 << 30);
        rules.range("largestValueRead", largestValueRead, 1, 1 << 30);
        rules.atLeast("largestValueRead", largestValueRead, "itemSizeLimit", itemSizeLimit);
        rules.atLeast("maxQueuedBytesPerNode", maxQueuedBytesPerNode, "itemSizeLimit", itemSizeLimit);
        rules.duration("heartbeatInterval", heartbeatInterval);
        rules.range("eventLoops", eventLoops, 1, 64);
        rules.present("locator", locator);
        if (customLocator == null) {
            rules.equalWeights("locator", locator, nodes);
        }
        rules.present("autodiscovery", autodiscovery);
        rules.onlyOne("autodiscovery", autodiscovery != Autodiscovery.NONE, "discovery", discovery != null);
        rules.hostsOnly("autodiscovery", autodiscovery != Autodiscovery.NONE, nodes);
        rules.duration("autodiscoveryPollInterval", autodiscoveryPollInterval);
        rules.duration("autodiscoveryTimeout", autodiscoveryTimeout);
        rules.hostsOnly("tls", tls != null, nodes);
        rules.range("autobatchingMaxKeys", autobatchingMaxKeys, 2, 100);
        rules.present("driver", driver);
        rules.present("nanoClock", nanoClock);
        rules.present("wallClock", wallClock);
        rules.present("completionExecutor", completionExecutor);
        rules.throwIfBroken();
    }

    /**
     * Reads options from a URI: {@code memcached://host1:11211,host2?timeout=500ms&connections=4} or
     * {@code unix:/path?timeout=2s}. A node is written as {@link NodeAddress#parse(String)} reads it; parameters have the
     * names of the settings of {@link Builder}, and percent escapes are decoded in both.
     *
     * <p>Durations are written {@code 500ms}, {@code 2s}, {@code 1m}, {@code 1h} or as in ISO-8601; sizes as bytes or
     * {@code 64k}, {@code 16m}, {@code 1g}; a driver as {@code caller}, {@code invoked}, {@code dedicated-spin},
     * {@code dedicated-yield} or {@code dedicated-backoff}.
     *
     * <p>{@code memcacheds://} is {@code memcached://} with TLS. Its parameters are those of {@link TlsOptions.Builder}:
     * {@code ca}, {@code certificate}, {@code key} and {@code pkcs12} are paths of files; the password of the key is in the file
     * {@code keyPasswordFile} or the environment variable {@code keyPasswordEnv}; {@code verify}, {@code verifyHostname} and
     * {@code systemAuthorities} are true or false; {@code tlsProtocols} is a list, separated by commas.
     *
     * <p>{@code memcacheds://user@host} gives a user name, for all nodes, as the parameter {@code username} does. The password is
     * in the file {@code passwordFile}, which is read at each connection, or the environment variable {@code passwordEnv}, which
     * is read now. A line feed at the end of a file of a password does not belong to it. {@code user:password@host} and the parameter
     * {@code password} work, with a warning in the log: a URI ends up in logs and in lists of processes.
     *
     * @param uri the URI
     * @return the options, with defaults for what is not said
     * @throws IllegalArgumentException if the scheme or a parameter is unknown, or a setting is refused. It names the
     *     culprit, and does not repeat credentials
     */
    public static ClientOptions fromUri(String uri) {
        return OptionParser.fromUri(uri, System::getenv);
    }

    /**
     * Reads options from properties: {@code emcache.nodes} is a list of addresses, separated by commas, and each other
     * key is {@code emcache.} and the name of a setting or parameter. Values are written as in {@link #fromUri(String)},
     * without escapes; {@code emcache.tls=true} switches TLS on, and {@code emcache.password} is as good as the place where the
     * properties are kept. Keys with another prefix do not matter.
     *
     * @param properties the properties; defaults inside them count
     * @return the options, with defaults for what is not said
     * @throws IllegalArgumentException if a key with the prefix is unknown, or a setting is refused. It names the culprit,
     *     and does not repeat a password
     */
    public static ClientOptions fromProperties(Properties properties) {
        return OptionParser.fromProperties(properties, System::getenv);
    }

    /**
     * Returns a builder that starts with these settings.
     *
     * @return a new builder
     */
    public Builder mutate() {
        return new Builder(this);
    }

    /** Returns all settings in one line, secrets as {@code ***}. */
    @Override
    public String toString() {
        return OptionTable.describe(this, OptionTable.SETTINGS);
    }

    /**
     * Collects settings; what they mean and their ranges are said at {@link ClientOptions}. Nothing is checked before
     * {@link #options()}. For one thread.
     */
    public static final class Builder {
        static final LongSupplier DEFAULT_NANO_CLOCK = System::nanoTime;
        static final InstantSource DEFAULT_WALL_CLOCK = InstantSource.system();

        private boolean purgeUnhealthyNodes;
        private boolean forceClassic;
        private boolean hashLongKeys;
        private boolean autobatching;
        private int minConnections = 1;
        private int maxConnections = 8;
        private int maxInFlightPerConnection = 1024;
        private int ringBytes = 256 << 10;
        private int maxQueuedPerNode = 4096;
        private int largestValueRead = 64 << 20;
        private int itemSizeLimit = (1 << 20) - (1 << 10);
        private int eventLoops = 1;
        private int autobatchingMaxKeys = 32;
        private long maxQueuedBytesPerNode = 16 << 20;
        private List<NodeAddress> nodes = List.of();
        private Duration timeout = Duration.ofSeconds(1);
        private Duration connectionTimeout = Duration.ofSeconds(2);
        private Duration purgeUnusedConnectionsAfter = Duration.ofSeconds(60);
        private Duration heartbeatInterval = Duration.ofSeconds(10);
        private Locator locator = Locator.RENDEZVOUS;
        private Autodiscovery autodiscovery = Autodiscovery.NONE;
        private Duration autodiscoveryPollInterval = Duration.ofSeconds(60);
        private Duration autodiscoveryTimeout = Duration.ofSeconds(5);
        private Driver driver = Driver.caller();
        private LongSupplier nanoClock = DEFAULT_NANO_CLOCK;
        private InstantSource wallClock = DEFAULT_WALL_CLOCK;
        private Executor completionExecutor = ForkJoinPool.commonPool();
        private @Nullable NodeLocator customLocator;
        private @Nullable NodeDiscovery discovery;
        private @Nullable TlsOptions tls;
        private @Nullable CredentialsProvider credentials;

        Builder() {}

        private Builder(ClientOptions options) {
            forceClassic = options.forceClassic;
            hashLongKeys = options.hashLongKeys;
            autobatching = options.autobatching;
            autobatchingMaxKeys = options.autobatchingMaxKeys;
            minConnections = options.minConnections;
            maxConnections = options.maxConnections;
            purgeUnusedConnectionsAfter = options.purgeUnusedConnectionsAfter;
            purgeUnhealthyNodes = options.purgeUnhealthyNodes;
            maxInFlightPerConnection = options.maxInFlightPerConnection;
            ringBytes = options.ringBytes;
            maxQueuedPerNode = options.maxQueuedPerNode;
            largestValueRead = options.largestValueRead;
            itemSizeLimit = options.itemSizeLimit;
            eventLoops = options.eventLoops;
            locator = options.locator;
            customLocator = options.customLocator;
            autodiscovery = options.autodiscovery;
            discovery = options.discovery;
            autodiscoveryPollInterval = options.autodiscoveryPollInterval;
            autodiscoveryTimeout = options.autodiscoveryTimeout;
            tls = options.tls;
            credentials = options.credentials;
            maxQueuedBytesPerNode = options.maxQueuedBytesPerNode;
            nodes = options.nodes;
            timeout = options.timeout;
            connectionTimeout = options.connectionTimeout;
            heartbeatInterval = options.heartbeatInterval;
            driver = options.driver;
            nanoClock = options.nanoClock;
            wallClock = options.wallClock;
            completionExecutor = options.completionExecutor;
        }

        /**
         * Sets the nodes, in place of those set before.
         *
         * @param addresses as {@link NodeAddress#parse(String)} reads them
         * @return this
         * @throws IllegalArgumentException if an address is not understood
         */
        public Builder nodes(String... addresses) {
            nodes = Arrays.stream(addresses).map(NodeAddress::parse).toList();
            return this;
        }

        /**
         * Sets the nodes, in place of those set before.
         *
         * @param addresses the nodes
         * @return this
         */
        public Builder nodes(Collection<NodeAddress> addresses) {
            nodes = List.copyOf(addresses);
            return this;
        }

        /**
         * Sets the deadline of each call.
         *
         * @param value 1 ms to 24 h
         * @return this
         */
        public Builder timeout(Duration value) {
            timeout = value;
            return this;
        }

        /**
         * Sets how long an attempt to connect may take.
         *
         * @param value 1 ms to 24 h
         * @return this
         */
        public Builder connectionTimeout(Duration value) {
            connectionTimeout = value;
            return this;
        }

        /**
         * Sets how many connections each node has, neither less nor more: both bounds at once.
         *
         * @param value 1 to 256
         * @return this
         */
        public Builder connections(int value) {
            minConnections = value;
            maxConnections = value;
            return this;
        }

        /**
         * Sets how many connections each node has at least.
         *
         * @param value 1 to 256
         * @return this
         */
        public Builder minConnections(int value) {
            minConnections = value;
            return this;
        }

        /**
         * Sets how many connections each node may have.
         *
         * @param value 1 to 256
         * @return this
         */
        public Builder maxConnections(int value) {
            maxConnections = value;
            return this;
        }

        /**
         * Sets after how long a connection that was not needed is closed.
         *
         * @param value 1 ms to 24 h, or zero for never
         * @return this
         */
        public Builder purgeUnusedConnectionsAfter(Duration value) {
            purgeUnusedConnectionsAfter = value;
            return this;
        }

        /**
         * Sets whether the keys of a node that does not answer are placed on the others meanwhile.
         *
         * @param value whether to move them
         * @return this
         */
        public Builder purgeUnhealthyNodes(boolean value) {
            purgeUnhealthyNodes = value;
            return this;
        }

        /**
         * Sets how many requests may await their reply on one connection.
         *
         * @param value 1 to 65536
         * @return this
         */
        public Builder maxInFlightPerConnection(int value) {
            maxInFlightPerConnection = value;
            return this;
        }

        /**
         * Sets the least size of the command ring of one connection.
         *
         * @param value bytes, a power of two of 4 KiB to 64 MiB
         * @return this
         */
        public Builder ringBytes(int value) {
            ringBytes = value;
            return this;
        }

        /**
         * Sets how many calls may be inside one node.
         *
         * @param value 1 to 1048576
         * @return this
         */
        public Builder maxQueuedPerNode(int value) {
            maxQueuedPerNode = value;
            return this;
        }

        /**
         * Sets how many bytes of requests may be inside one node.
         *
         * @param value bytes, at least the item size limit
         * @return this
         */
        public Builder maxQueuedBytesPerNode(long value) {
            maxQueuedBytesPerNode = value;
            return this;
        }

        /**
         * Sets the largest value taken from a server.
         *
         * @param value bytes, from the item size limit to 1 GiB
         * @return this
         */
        public Builder largestValueRead(int value) {
            largestValueRead = value;
            return this;
        }

        /**
         * Sets the largest value sent to a server.
         *
         * @param value bytes, 1 to 1 GiB
         * @return this
         */
        public Builder itemSizeLimit(int value) {
            itemSizeLimit = value;
            return this;
        }

        /**
         * Sets after how long without a request a connection is asked for a sign of life.
         *
         * @param value 1 ms to 24 h
         * @return this
         */
        public Builder heartbeatInterval(Duration value) {
            heartbeatInterval = value;
            return this;
        }

        /**
         * Sets how many event loops share the connections.
         *
         * @param value 1 to 64
         * @return this
         */
        public Builder eventLoops(int value) {
            eventLoops = value;
            return this;
        }

        /**
         * Sets how keys are placed on nodes, in place of what was set before.
         *
         * @param value the locator
         * @return this
         */
        public Builder locator(Locator value) {
            locator = value;
            customLocator = null;
            return this;
        }

        /**
         * Sets what places keys on nodes, in place of what was set before.
         *
         * @param value the locator
         * @return this
         */
        public Builder locator(NodeLocator value) {
            customLocator = value;
            return this;
        }

        /**
         * Sets where the nodes are learned from, in place of what was set before.
         *
         * @param value the kind of endpoint or record
         * @return this
         */
        public Builder autodiscovery(Autodiscovery value) {
            autodiscovery = value;
            discovery = null;
            return this;
        }

        /**
         * Sets what says which nodes there are, in place of what was set before.
         *
         * @param value the discovery
         * @return this
         */
        public Builder discovery(NodeDiscovery value) {
            discovery = value;
            autodiscovery = Autodiscovery.NONE;
            return this;
        }

        /**
         * Sets how often a discovery is asked.
         *
         * @param value 1 ms to 24 h
         * @return this
         */
        public Builder autodiscoveryPollInterval(Duration value) {
            autodiscoveryPollInterval = value;
            return this;
        }

        /**
         * Sets how long a discovery may take.
         *
         * @param value 1 ms to 24 h
         * @return this
         */
        public Builder autodiscoveryTimeout(Duration value) {
            autodiscoveryTimeout = value;
            return this;
        }

        /**
         * Sets that connections are encrypted, and how. A node that cannot be reached that way is not reached: nothing is ever sent
         * in plain text instead.
         *
         * @param value the options; null for no encryption
         * @return this
         */
        public Builder tls(@Nullable TlsOptions value) {
            tls = value;
            return this;
        }

        /**
         * Sets who says who the client is, in place of what was set before.
         *
         * @param value asked at each connection; null for a client without a name
         * @return this
         */
        public Builder credentials(@Nullable CredentialsProvider value) {
            credentials = value;
            return this;
        }

        /**
         * Sets who the client is, to all nodes and as long as it lives, in place of what was set before.
         *
         * @param username the name
         * @param password the password
         * @return this
         * @throws IllegalArgumentException if they cannot be sent, as {@link Credentials#of(String, char[])} says
         */
        public Builder credentials(String username, String password) {
            return credentials(new FixedCredentials(Credentials.of(username, password)));
        }

        /**
         * Sets whether to use the classic text commands also where the server has the meta commands.
         *
         * @param value whether to force them
         * @return this
         */
        public Builder forceClassic(boolean value) {
            forceClassic = value;
            return this;
        }

        /**
         * Sets whether keys that are too long are hashed, as {@link Key} says, and not refused. All clients of a cache must
         * agree on it to find each other's items with long keys.
         *
         * @param value whether to hash them
         * @return this
         */
        public Builder hashLongKeys(boolean value) {
            hashLongKeys = value;
            return this;
        }

        /**
         * Sets whether gets that wait for the same connection at the same time are asked as one.
         *
         * @param value whether to join them
         * @return this
         */
        public Builder autobatching(boolean value) {
            autobatching = value;
            return this;
        }

        /**
         * Sets how many keys are asked as one at most.
         *
         * @param value 2 to 100
         * @return this
         */
        public Builder autobatchingMaxKeys(int value) {
            autobatchingMaxKeys = value;
            return this;
        }

        /**
         * Sets which threads drive the sockets.
         *
         * @param value the driver
         * @return this
         */
        public Builder driver(Driver value) {
            driver = value;
            return this;
        }

        /**
         * Sets the monotonic clock of all deadlines.
         *
         * @param value gives nanoseconds; safe for all threads
         * @return this
         */
        public Builder nanoClock(LongSupplier value) {
            nanoClock = value;
            return this;
        }

        /**
         * Sets the clock that turns a {@link Ttl} into a time of the calendar.
         *
         * @param value the clock; safe for all threads
         * @return this
         */
        public Builder wallClock(InstantSource value) {
            wallClock = value;
            return this;
        }

        /**
         * Sets where futures are completed.
         *
         * @param value the executor; the client does not shut it down
         * @return this
         */
        public Builder completionExecutor(Executor value) {
            completionExecutor = value;
            return this;
        }

        /**
         * Validates the settings.
         *
         * @return the options
         * @throws IllegalArgumentException if some settings are refused; it names all of them
         */
        public ClientOptions options() {
            return new ClientOptions(
                    nodes,
                    timeout,
                    connectionTimeout,
                    minConnections,
                    maxConnections,
                    purgeUnusedConnectionsAfter,
                    purgeUnhealthyNodes,
                    maxInFlightPerConnection,
                    ringBytes,
                    maxQueuedPerNode,
                    maxQueuedBytesPerNode,
                    largestValueRead,
                    itemSizeLimit,
                    heartbeatInterval,
                    eventLoops,
                    locator,
                    customLocator,
                    autodiscovery,
                    discovery,
                    autodiscoveryPollInterval,
                    autodiscoveryTimeout,
                    tls,
                    credentials,
                    forceClassic,
                    hashLongKeys,
                    autobatching,
                    autobatchingMaxKeys,
                    driver,
                    nanoClock,
                    wallClock,
                    completionExecutor);
        }

        /**
         * Makes a client without touching the network: {@link MemcachedClient#create(ClientOptions)}.
         *
         * @return a client that connects in the background
         * @throws IllegalArgumentException if some settings are refused; it names all of them
         */
        public MemcachedClient build() {
            return MemcachedClient.create(options());
        }

        /**
         * Makes a client and waits until it is ready: {@link MemcachedClient#connect(ClientOptions)}.
         *
         * @return a client with a connection to each node
         * @throws IllegalArgumentException if some settings are refused; it names all of them
         * @throws MemcachedException as {@link MemcachedClient#awaitReady(Duration)}
         */
        public MemcachedClient connect() {
            return MemcachedClient.connect(options());
        }
    }
}
