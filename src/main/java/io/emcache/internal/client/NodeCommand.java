package io.emcache.internal.client;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.emcache.ServerStats;
import io.emcache.Ttl;
import io.emcache.internal.protocol.AdminReplies;
import io.emcache.internal.protocol.OpCode;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.time.InstantSource;

/**
 * A command about a server itself: what is sent, and what the answer means. Immutable.
 *
 * @param op one of {@link OpCode}
 * @param arguments what takes the place of a key, maybe nothing; at most as many bytes as a key, visible ASCII
 * @param number the argument that is a number
 * @param answer turns an answer into the result
 * @param <T> the result
 */
record NodeCommand<T>(int op, String arguments, long number, Answer<T> answer) {
    static final NodeCommand<String> VERSION = new NodeCommand<>(OpCode.VERSION, "", 0, (text, elapsed) -> text);
    static final NodeCommand<Duration> PING = timed(OpCode.NOOP, 0);
    static final NodeCommand<Duration> RESET_STATS = timed(OpCode.STATS_RESET, 0);

    /**
     * Turns an answer into a result. Stateless.
     *
     * @param <T> the result
     */
    interface Answer<T> {
        /**
         * Reads an answer.
         *
         * @param text what the server said; empty if that was only a yes
         * @param elapsed how long it took
         */
        T read(String text, Duration elapsed);
    }

    private static NodeCommand<Duration> timed(int op, long number) {
        return new NodeCommand<>(op, "", number, (text, elapsed) -> elapsed);
    }

    static NodeCommand<ServerStats> stats(String... arguments) {
        String joined = StatsArguments.join(arguments);
        return new NodeCommand<>(OpCode.STATS, joined, 0, (text, elapsed) -> new ServerStats(AdminReplies.stats(text)));
    }

    /** The delay is an exptime to the server: one of more than 30 days would be long past. */
    static NodeCommand<Duration> flushAll(Duration delay, InstantSource clock) {
        refuse(delay.isNegative(), "a delay is zero or positive, not " + delay);
        return timed(OpCode.FLUSH_ALL, delay.isZero() ? 0 : WireTtl.encode(Ttl.of(delay), clock));
    }

    static NodeCommand<Duration> verbosity(int level) {
        refuse(level < 0, "a level is 0 or more, not " + level);
        return timed(OpCode.VERBOSITY, level);
    }

    static NodeCommand<Duration> cacheMemlimit(int megabytes) {
        refuse(megabytes < 1, "a server has 1 megabyte or more, not " + megabytes);
        return timed(OpCode.CACHE_MEMLIMIT, megabytes);
    }

    private static void refuse(boolean wrong, String why) {
        if (wrong) {
            throw new IllegalArgumentException(why);
        }
    }

    /** Writes the arguments to the start of the scratch; returns their length in bytes. */
    int putArguments(MemorySegment scratch) {
        byte[] bytes = arguments.getBytes(US_ASCII);
        MemorySegment.copy(bytes, 0, scratch, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return bytes.length;
    }
}
