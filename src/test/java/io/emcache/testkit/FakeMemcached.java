package io.emcache.testkit;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * A tiny memcached whose answers a test can spoil one by one. Serves any number of connections from one map. Safe for all
 * threads.
 *
 * <pre>{@code
 * FakeMemcached fake = new FakeMemcached().onNext("mg", Answer.twice());
 * try (ScriptedServer server = ScriptedServer.start(fake)) { ... }
 * }</pre>
 *
 * <p>Knows every command and flag of the client, classic, meta and administrative, and answers them byte for byte as
 * memcached 1.6.18 does, or 1.6.38 if made by {@link #modern()}, as long as it makes sense: another command is answered by
 * {@code ERROR}, a flag that the server would ignore fails the script. Does not model the server's memory, nor what the
 * server does to a connection on malformed lines.
 */
public final class FakeMemcached implements ScriptedServer.Script {
    private static final byte[] NO_DATA = {};
    private static final Set<String> META = Set.of("mn", "mg", "ms", "md", "ma", "me");

    private final FakeStore store = new FakeStore();
    private final FakeClassic classic;
    private final @Nullable FakeMeta meta;
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final List<Rule> rules = new ArrayList<>();

    private record Rule(String verb, boolean once, Answer answer) {}

    /** Makes an empty server of version {@link Session#VERSION}. */
    public FakeMemcached() {
        this(Session.VERSION, true, false);
    }

    private FakeMemcached(String version, boolean meta, boolean modern) {
        classic = new FakeClassic(store, version, modern);
        this.meta = meta ? new FakeMeta(store, modern) : null;
    }

    /**
     * Makes an empty server of version 1.6.38: it also knows the flags {@code E}, and {@code x} of {@code md}, makes an
     * item by an append with {@code N}, and returns {@code s} of {@code ms}.
     *
     * @return the server's script
     */
    public static FakeMemcached modern() {
        return new FakeMemcached("1.6.38", true, true);
    }

    /**
     * Makes an empty server that answers {@code ERROR} to every meta command.
     *
     * @param version what it answers to {@code version}, such as {@code 1.5.22}
     * @return the server's script
     */
    public static FakeMemcached classic(String version) {
        return new FakeMemcached(version, false, false);
    }

    /**
     * Refuses larger values as the server does, {@code object too large for cache}. There is no limit before.
     *
     * @param bytes the longest value
     * @return this
     */
    public synchronized FakeMemcached largestValue(int bytes) {
        store.limitValues(bytes);
        return this;
    }

    /**
     * Lets time pass, by which items expire and delayed flushes happen; it stands still otherwise.
     *
     * @param time how long, whole seconds
     */
    public synchronized void advance(Duration time) {
        store.advance(time.toSeconds());
    }

    /**
     * Changes how commands of a verb are answered, until another call says otherwise.
     *
     * @param verb such as {@code mg}
     * @param answer what to do in place of sending the reply
     * @return this
     */
    public synchronized FakeMemcached onEvery(String verb, Answer answer) {
        rules.removeIf(known -> !known.once() && known.verb().equals(verb));
        rules.addLast(new Rule(verb, false, answer));
        return this;
    }

    /**
     * Changes how the next command of a verb is answered. Several calls form a queue, which goes before {@link #onEvery}.
     *
     * @param verb such as {@code mg}
     * @param answer what to do in place of sending the reply
     * @return this
     */
    public synchronized FakeMemcached onNext(String verb, Answer answer) {
        int end = 0;
        while (end < rules.size() && rules.get(end).once()) {
            end++;
        }
        rules.add(end, new Rule(verb, true, answer));
        return this;
    }

    /**
     * Stores a value as a client would, with flags 0.
     *
     * @param key the key
     * @param value the value
     * @return this
     */
    public synchronized FakeMemcached put(String key, byte[] value) {
        store.put(key, new String(value, StandardCharsets.ISO_8859_1), 0, 0);
        return this;
    }

    /**
     * Returns a stored value.
     *
     * @param key the key
     * @return a copy, or null if there is none
     */
    public synchronized byte @Nullable [] get(String key) {
        FakeStore.Item item = store.find(key);
        return item == null ? null : item.value().getBytes(StandardCharsets.ISO_8859_1);
    }

    /**
     * Returns the commands received so far, over all connections.
     *
     * @return a copy, in order of arrival
     */
    public List<Request> requests() {
        return List.copyOf(requests);
    }

    /** Serves one connection until it ends. */
    @Override
    public void run(Session session) throws Exception {
        for (String line = session.readLine(); line != null; line = session.readLine()) {
            Request request = new Request(session.connection(), line, readData(line, session));
            requests.add(request);
            Answer answer;
            byte[] reply;
            synchronized (this) {
                answer = takeAnswer(request.verb());
                reply = reply(request);
            }
            answer.send(request, reply, session);
        }
    }

    private Answer takeAnswer(String verb) {
        for (Iterator<Rule> each = rules.iterator(); each.hasNext(); ) {
            Rule rule = each.next();
            if (rule.verb().equals(verb)) {
                if (rule.once()) {
                    each.remove();
                }
                return rule.answer();
            }
        }
        return Answer.correct();
    }

    private byte[] readData(String line, Session session) throws ConnectionEnded {
        boolean metaSet = meta != null && line.startsWith("ms ");
        int bytes = metaSet ? Integer.parseInt(line.split(" +", -1)[2]) : FakeClassic.dataBytes(line);
        return bytes < 0 ? NO_DATA : session.readBlock(bytes);
    }

    private byte[] reply(Request request) {
        FakeMeta meta = this.meta;
        String reply = meta != null && META.contains(request.verb()) ? meta.reply(request) : classic.reply(request);
        return reply.getBytes(StandardCharsets.ISO_8859_1);
    }
}
