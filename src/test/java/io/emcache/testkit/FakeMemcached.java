package io.emcache.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
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
 * <p>Knows {@code version}, {@code mn}, {@code mg} (k v O q f s c t), {@code ms} (k O q c, F T C, M with S E A P R),
 * {@code md} (k O q, C), {@code get}, {@code gets}, {@code set}, {@code add}, {@code replace} and {@code delete}, and
 * answers them byte for byte as memcached 1.6.18 does (protocol.txt of memcached). Items never expire. Another command is
 * answered by {@code ERROR}; another flag fails the script, since the answer would be a guess.
 */
public final class FakeMemcached implements ScriptedServer.Script {
    private static final byte[] NO_DATA = {};

    private final String version;
    private final boolean meta;
    private final Map<String, Item> items = new HashMap<>();
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final List<Rule> rules = new ArrayList<>();
    private long lastCas;

    private record Rule(String verb, boolean once, Answer answer) {}

    private record Item(Bytes value, long flags, long ttl, long cas) {}

    /** Bytes in a type of their own, since a record compares arrays by identity. */
    private static final class Bytes {
        private final byte[] array;

        Bytes(byte[] array) {
            this.array = array;
        }
    }

    /** Makes an empty server of version {@link Session#VERSION}. */
    public FakeMemcached() {
        this(Session.VERSION, true);
    }

    private FakeMemcached(String version, boolean meta) {
        this.version = version;
        this.meta = meta;
    }

    /**
     * Makes an empty server that answers {@code ERROR} to every meta command.
     *
     * @param version what it answers to {@code version}, such as {@code 1.5.22}
     * @return the server's script
     */
    public static FakeMemcached classic(String version) {
        return new FakeMemcached(version, false);
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
        store(key, value.clone(), 0, 0);
        return this;
    }

    /**
     * Returns a stored value.
     *
     * @param key the key
     * @return a copy, or null if there is none
     */
    public synchronized byte @Nullable [] get(String key) {
        Item item = items.get(key);
        return item == null ? null : item.value().array.clone();
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
        String[] words = line.split(" +", -1);
        return switch (words[0]) {
            case "ms" -> meta ? session.readBlock(Integer.parseInt(words[2])) : NO_DATA;
            case "set", "add", "replace" -> session.readBlock(Integer.parseInt(words[4]));
            default -> NO_DATA;
        };
    }

    private byte[] reply(Request request) {
        List<String> words = request.words();
        String reply = switch (request.verb()) {
            case "version" -> "VERSION " + version + "\r\n";
            case "get", "gets" -> words.size() > 1 ? classicGet(words) : "ERROR\r\n";
            case "set", "add", "replace" -> classicStore(request);
            case "delete" -> classicDelete(words);
            case "mn" -> meta ? "MN\r\n" : "ERROR\r\n";
            case "mg" -> meta ? metaGet(words) : "ERROR\r\n";
            case "ms" -> meta ? metaSet(request) : "ERROR\r\n";
            case "md" -> meta ? metaDelete(words) : "ERROR\r\n";
            default -> "ERROR\r\n";
        };
        return reply.getBytes(StandardCharsets.ISO_8859_1);
    }

    private String classicGet(List<String> words) {
        StringBuilder reply = new StringBuilder();
        for (String key : words.subList(1, words.size())) {
            Item item = items.get(key);
            if (item != null) {
                String cas = words.getFirst().equals("gets") ? " " + item.cas() : "";
                reply.append("VALUE " + key + " " + item.flags() + " " + item.value().array.length + cas + "\r\n");
                reply.append(text(item)).append("\r\n");
            }
        }
        return reply.append("END\r\n").toString();
    }

    private String classicStore(Request request) {
        List<String> words = request.words();
        boolean present = items.containsKey(request.key());
        boolean refused =
                request.verb().equals("add") ? present : request.verb().equals("replace") && !present;
        if (!refused) {
            store(request.key(), request.data(), Long.parseLong(words.get(2)), Long.parseLong(words.get(3)));
        }
        return unlessNoReply(words, refused ? "NOT_STORED\r\n" : "STORED\r\n");
    }

    private String classicDelete(List<String> words) {
        if (words.size() < 2) {
            return "ERROR\r\n";
        }
        return unlessNoReply(words, items.remove(words.get(1)) != null ? "DELETED\r\n" : "NOT_FOUND\r\n");
    }

    private static String unlessNoReply(List<String> words, String reply) {
        return words.getLast().equals("noreply") ? "" : reply;
    }

    private String metaGet(List<String> words) {
        if (words.size() < 2) {
            return "ERROR\r\n";
        }
        List<String> flags = flags(words, 2, "kvOqfsct");
        Item item = items.get(words.get(1));
        if (item == null) {
            return flags.contains("q") ? "" : "EN" + echo(words.get(1), flags, null) + "\r\n";
        }
        String echo = echo(words.get(1), flags, item);
        return flags.contains("v")
                ? "VA " + item.value().array.length + echo + "\r\n" + text(item) + "\r\n"
                : "HD" + echo + "\r\n";
    }

    private String metaSet(Request request) {
        List<String> flags = flags(request.words(), 3, "kOqcFTCM");
        String key = request.key();
        Item old = items.get(key);
        String mode = argument(flags, 'M', "S");
        String cas = argument(flags, 'C', "");
        String status = "HD";
        if (!cas.isEmpty() && old == null) {
            status = "NF";
        } else if (!cas.isEmpty() && old != null && old.cas() != Long.parseUnsignedLong(cas)) {
            status = "EX";
        } else if (mode.equals("E") ? old != null : !mode.equals("S") && old == null) {
            status = "NS";
        }
        Item stored = new Item(new Bytes(request.data()), 0, 0, 0);
        if (status.equals("HD")) {
            long clientFlags = Long.parseLong(argument(flags, 'F', "0"));
            long ttl = Long.parseLong(argument(flags, 'T', "0"));
            stored = switch (mode) {
                case "S", "E", "R" -> store(key, request.data(), clientFlags, ttl);
                case "A" -> joined(key, old, request.data(), true);
                case "P" -> joined(key, old, request.data(), false);
                default -> throw new AssertionError("FakeMemcached does not know the mode of '" + request + "'");
            };
        }
        boolean quiet = flags.contains("q") && status.equals("HD");
        return quiet ? "" : status + echo(key, flags, stored) + "\r\n";
    }

    private String metaDelete(List<String> words) {
        List<String> flags = flags(words, 2, "kOqC");
        Item item = items.get(words.get(1));
        String cas = argument(flags, 'C', "");
        String status = "HD";
        if (item == null) {
            status = "NF";
        } else if (!cas.isEmpty() && item.cas() != Long.parseUnsignedLong(cas)) {
            status = "EX";
        } else {
            items.remove(words.get(1));
        }
        boolean quiet = flags.contains("q") && status.equals("HD");
        return quiet ? "" : status + echo(words.get(1), flags, null) + "\r\n";
    }

    /** The return flags in the order of the request; those of an item only if there is one. */
    private static String echo(String key, List<String> flags, @Nullable Item item) {
        StringBuilder echo = new StringBuilder();
        for (String flag : flags) {
            char kind = flag.charAt(0);
            if (kind == 'k') {
                echo.append(" k").append(key);
            } else if (kind == 'O') {
                echo.append(' ').append(flag);
            } else if (item != null) {
                switch (kind) {
                    case 'f' -> echo.append(" f").append(item.flags());
                    case 's' -> echo.append(" s").append(item.value().array.length);
                    case 'c' -> echo.append(" c").append(item.cas());
                    case 't' -> echo.append(" t").append(item.ttl() == 0 ? -1 : item.ttl());
                    default -> {}
                }
            }
        }
        return echo.toString();
    }

    private static List<String> flags(List<String> words, int from, String known) {
        List<String> flags = words.subList(from, words.size());
        Set<Character> seen = new HashSet<>();
        for (String flag : flags) {
            if (known.indexOf(flag.charAt(0)) < 0 || !seen.add(flag.charAt(0))) {
                throw new AssertionError("FakeMemcached does not know '" + String.join(" ", words) + "'");
            }
        }
        return flags;
    }

    private static String argument(List<String> flags, char kind, String absent) {
        for (String flag : flags) {
            if (flag.charAt(0) == kind) {
                return flag.substring(1);
            }
        }
        return absent;
    }

    private Item store(String key, byte[] value, long flags, long ttl) {
        Item item = new Item(new Bytes(value), flags, ttl, ++lastCas);
        items.put(key, item);
        return item;
    }

    private Item joined(String key, @Nullable Item old, byte[] data, boolean behind) {
        if (old == null) {
            throw new IllegalStateException("nothing to join with: " + key);
        }
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(behind ? old.value().array : data);
        both.writeBytes(behind ? data : old.value().array);
        return store(key, both.toByteArray(), old.flags(), old.ttl());
    }

    private static String text(Item item) {
        return new String(item.value().array, StandardCharsets.ISO_8859_1);
    }
}
