package io.emcache.internal.telemetry;

import io.emcache.MemcachedException.Timeout.Phase;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.SettingControl;
import jdk.jfr.SettingDefinition;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;
import org.jspecify.annotations.Nullable;

/**
 * What JDK Flight Recorder is told, while it records. Stateless but for the settings of the recording; safe for all threads,
 * does not block.
 *
 * <p>To load the class of an event is to start JFR, which takes a tenth of a second: that is left to whoever wants a
 * recording. Whether anybody records an event is asked of one that is never committed, and no other is made until then.
 */
@SuppressWarnings("unused") // JFR reads the fields of events
public final class FlightEvents {
    private static final String[] KINDS = {"read", "write", "other"};

    private static volatile long slowCallNs = SlowerThan.DEFAULT_NS;

    private static volatile boolean followed;

    private FlightEvents() {}

    /** Events to ask whether they are recorded. */
    private static final class Asked {
        static final ConnectionOpenedEvent OPENED = new ConnectionOpenedEvent();
        static final ConnectionClosedEvent CLOSED = new ConnectionClosedEvent();
        static final ConnectionFailedEvent FAILED = new ConnectionFailedEvent();
        static final NodeHealthEvent HEALTH = new NodeHealthEvent();
        static final CallTimeoutEvent TIMEOUT = new CallTimeoutEvent();
        static final SlowCallEvent SLOW = new SlowCallEvent();
    }

    /**
     * Has the events known to JFR, with the settings of its recordings, if it has been started. To be called now and then.
     *
     * @param background runs it, the first time
     */
    public static void follow(Executor background) {
        if (!followed && FlightRecorder.isInitialized()) {
            followed = true;
            background.execute(() -> Asked.SLOW.isEnabled());
        }
    }

    /**
     * From how long on a call is worth a question whether {@link #slowCall slow calls} are recorded.
     *
     * @return nanoseconds
     */
    static long slowCallNs() {
        return slowCallNs;
    }

    /**
     * A connection came into service.
     *
     * @param node the identity of its node
     * @param connection unlike any other's of the client
     */
    public static void connectionOpened(String node, long connection) {
        if (FlightRecorder.isInitialized() && Asked.OPENED.isEnabled()) {
            ConnectionOpenedEvent event = new ConnectionOpenedEvent();
            event.node = node;
            event.connection = connection;
            event.commit();
        }
    }

    /**
     * A connection that was in service ended.
     *
     * @param node the identity of its node
     * @param connection what it was opened with
     * @param cause why, or null if it was not needed any more
     */
    public static void connectionClosed(String node, long connection, @Nullable Throwable cause) {
        if (FlightRecorder.isInitialized() && Asked.CLOSED.isEnabled()) {
            ConnectionClosedEvent event = new ConnectionClosedEvent();
            event.node = node;
            event.connection = connection;
            event.cause = textOf(cause);
            event.commit();
        }
    }

    /**
     * An attempt to connect failed.
     *
     * @param node the identity of the node
     * @param cause why
     */
    public static void connectionFailed(String node, Throwable cause) {
        if (FlightRecorder.isInitialized() && Asked.FAILED.isEnabled()) {
            ConnectionFailedEvent event = new ConnectionFailedEvent();
            event.node = node;
            event.cause = textOf(cause);
            event.commit();
        }
    }

    /**
     * A node answers, or does not any more.
     *
     * @param node its identity
     * @param healthy whether it answers
     * @param cause what the last connection or attempt failed with, or null
     */
    public static void nodeHealth(String node, boolean healthy, @Nullable Throwable cause) {
        if (FlightRecorder.isInitialized() && Asked.HEALTH.isEnabled()) {
            NodeHealthEvent event = new NodeHealthEvent();
            event.node = node;
            event.healthy = healthy;
            event.cause = textOf(cause);
            event.commit();
        }
    }

    static void callTimeout(String node, Phase phase, long elapsedNs) {
        if (FlightRecorder.isInitialized() && Asked.TIMEOUT.isEnabled()) {
            CallTimeoutEvent event = new CallTimeoutEvent();
            event.node = node;
            event.phase = phase.name().toLowerCase(Locale.ROOT);
            event.elapsed = elapsedNs;
            event.commit();
        }
    }

    static void slowCall(String node, int kind, long elapsedNs) {
        if (FlightRecorder.isInitialized() && Asked.SLOW.isEnabled()) {
            SlowCallEvent event = new SlowCallEvent();
            event.node = node;
            event.kind = KINDS[kind];
            event.elapsed = elapsedNs;
            event.commit();
        }
    }

    private static @Nullable String textOf(@Nullable Throwable cause) {
        return cause == null ? null : cause.toString();
    }

    @Name("io.emcache.ConnectionOpened")
    @Label("Connection Opened")
    @Category("emcache")
    @Description("A connection came into service")
    @StackTrace(false)
    private static final class ConnectionOpenedEvent extends Event {
        @Label("Node")
        @Nullable
        String node;

        @Label("Connection")
        long connection;
    }

    @Name("io.emcache.ConnectionClosed")
    @Label("Connection Closed")
    @Category("emcache")
    @Description("A connection that was in service ended")
    @StackTrace(false)
    private static final class ConnectionClosedEvent extends Event {
        @Label("Node")
        @Nullable
        String node;

        @Label("Connection")
        long connection;

        @Label("Cause")
        @Description("Nothing if the connection was not needed any more")
        @Nullable
        String cause;
    }

    @Name("io.emcache.ConnectionFailed")
    @Label("Connection Failed")
    @Category("emcache")
    @Description("An attempt to connect failed")
    @StackTrace(false)
    private static final class ConnectionFailedEvent extends Event {
        @Label("Node")
        @Nullable
        String node;

        @Label("Cause")
        @Nullable
        String cause;
    }

    @Name("io.emcache.NodeHealth")
    @Label("Node Health")
    @Category("emcache")
    @Description("A node answers, or does not any more")
    @StackTrace(false)
    private static final class NodeHealthEvent extends Event {
        @Label("Node")
        @Nullable
        String node;

        @Label("Healthy")
        boolean healthy;

        @Label("Cause")
        @Nullable
        String cause;
    }

    @Name("io.emcache.CallTimeout")
    @Label("Call Timeout")
    @Category("emcache")
    @Description("A call ended at its deadline")
    @StackTrace(false)
    private static final class CallTimeoutEvent extends Event {
        @Label("Node")
        @Nullable
        String node;

        @Label("Phase")
        @Description("How far it had got: connecting, queued, written or receiving")
        @Nullable
        String phase;

        @Label("Elapsed")
        @Timespan(Timespan.NANOSECONDS)
        long elapsed;
    }

    @Name("io.emcache.SlowCall")
    @Label("Slow Call")
    @Category("emcache")
    @Description("A call was answered after a long time")
    @StackTrace(false)
    private static final class SlowCallEvent extends Event {
        @Label("Node")
        @Nullable
        String node;

        @Label("Kind")
        @Description("read, write or other")
        @Nullable
        String kind;

        @Label("Elapsed")
        @Timespan(Timespan.NANOSECONDS)
        long elapsed;

        @SettingDefinition
        @Name("slowerThan")
        @Label("Slower Than")
        @Description("Record calls that took so long at least")
        boolean slowerThan(SlowerThan limit) {
            return elapsed >= limit.ns;
        }
    }

    /** The limit of slow calls, such as {@code 20 ms}: of several recordings the least counts. */
    static final class SlowerThan extends SettingControl {
        private static final long DEFAULT_NS = TimeUnit.MILLISECONDS.toNanos(20);

        private static final Pattern SPAN = Pattern.compile("\\s*(\\d+)\\s*([a-z]+)\\s*");

        private long ns = DEFAULT_NS;
        private String text = "20 ms";

        @Override
        public String combine(Set<String> settings) {
            String least = text;
            long leastNs = Long.MAX_VALUE;
            for (String setting : settings) {
                long ns = parseNs(setting);
                if (ns < leastNs) {
                    leastNs = ns;
                    least = setting;
                }
            }
            return least;
        }

        @Override
        public void setValue(String setting) {
            text = setting;
            ns = parseNs(setting);
            slowCallNs = ns;
        }

        @Override
        public String getValue() {
            return text;
        }

        /** A number and a unit, as JFR writes time spans; what cannot be understood means the default. */
        static long parseNs(String setting) {
            Matcher span = SPAN.matcher(setting);
            try {
                return span.matches()
                        ? Math.multiplyExact(Long.parseLong(span.group(1)), unitNs(span.group(2)))
                        : DEFAULT_NS;
            } catch (ArithmeticException | NumberFormatException e) {
                return DEFAULT_NS;
            }
        }

        private static long unitNs(String unit) {
            return switch (unit) {
                case "ns" -> 1;
                case "us" -> TimeUnit.MICROSECONDS.toNanos(1);
                case "ms" -> TimeUnit.MILLISECONDS.toNanos(1);
                case "s" -> TimeUnit.SECONDS.toNanos(1);
                case "m" -> TimeUnit.MINUTES.toNanos(1);
                default -> throw new NumberFormatException(unit);
            };
        }
    }
}
