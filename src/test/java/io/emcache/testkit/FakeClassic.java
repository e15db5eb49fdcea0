package io.emcache.testkit;

import io.emcache.testkit.FakeStore.Item;
import io.emcache.testkit.FakeStore.Mode;
import io.emcache.testkit.FakeStore.Outcome;
import io.emcache.testkit.FakeStore.Write;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The classic and the administrative commands of {@link FakeMemcached}, as memcached's proto_text.c has them. Not thread-safe. */
final class FakeClassic {
    private static final String ERROR = "ERROR\r\n";
    private static final String BAD_FORMAT = "CLIENT_ERROR bad command line format\r\n";
    private static final String BAD_EXPTIME = "CLIENT_ERROR invalid exptime argument\r\n";
    private static final int LEAST_MEGABYTES = 8;

    private long reads;
    private long writes;

    private final boolean modern;
    private final String version;
    private final FakeStore store;

    FakeClassic(FakeStore store, String version, boolean modern) {
        this.store = store;
        this.version = version;
        this.modern = modern;
    }

    /** How many bytes of data follow the line. */
    static int dataBytes(String line) {
        String[] words = line.split(" +", -1);
        return switch (words[0]) {
            case "set", "add", "replace", "append", "prepend", "cas" -> Integer.parseInt(words[4]);
            default -> -1;
        };
    }

    String reply(Request request) {
        List<String> words = request.words();
        boolean silent = words.getLast().equals("noreply") && !request.verb().startsWith("g");
        String reply = switch (request.verb()) {
            case "get", "gets" -> words.size() > 1 ? get(words, 1, null) : ERROR;
            case "gat", "gats" -> touchingGet(words);
            case "set" -> set(request, Mode.SET);
            case "add" -> set(request, Mode.ADD);
            case "replace" -> set(request, Mode.REPLACE);
            case "append" -> set(request, Mode.APPEND);
            case "prepend" -> set(request, Mode.PREPEND);
            case "cas" -> set(request, Mode.SET);
            case "delete" -> delete(words);
            case "touch" -> touch(words);
            case "incr" -> count(words, true);
            case "decr" -> count(words, false);
            default -> administer(words);
        };
        return silent ? "" : reply;
    }

    private String administer(List<String> words) {
        return switch (words.getFirst()) {
            case "version" -> "VERSION " + version + "\r\n";
            case "flush_all" -> flush(words);
            case "verbosity" -> verbosity(words);
            case "cache_memlimit" -> limitMemory(words);
            case "stats" -> statistics(words.size() > 1 ? words.get(1) : "");
            case "lru_crawler" -> dump(words);
            case "shutdown" -> "ERROR: shutdown not enabled\r\n";
            default -> ERROR;
        };
    }

    private String get(List<String> words, int from, @Nullable Long expiresAtSeconds) {
        boolean withCas = words.getFirst().endsWith("s");
        StringBuilder reply = new StringBuilder();
        for (String key : words.subList(from, words.size())) {
            reads++;
            Item item = store.find(key);
            if (item != null) {
                if (expiresAtSeconds != null) {
                    store.expireAt(item, expiresAtSeconds);
                }
                store.fetched(item);
                String cas = withCas ? " " + Long.toUnsignedString(item.cas()) : "";
                reply.append(
                        "VALUE " + key + " " + item.flags() + " " + item.value().length() + cas + "\r\n");
                reply.append(item.value()).append("\r\n");
            }
        }
        return reply.append("END\r\n").toString();
    }

    private String touchingGet(List<String> words) {
        if (words.size() < 2) {
            return ERROR;
        }
        return isInteger(words.get(1)) ? get(words, 2, store.expiry(words.get(1))) : BAD_EXPTIME;
    }

    private String set(Request request, Mode mode) {
        List<String> words = request.words();
        writes++;
        String value = new String(request.data(), StandardCharsets.ISO_8859_1);
        if (store.isTooLarge(value)) {
            if (request.verb().equals("set")) {
                store.remove(request.key());
            }
            return "SERVER_ERROR object too large for cache\r\n";
        }
        Long cas = request.verb().equals("cas") ? Long.valueOf(Long.parseUnsignedLong(words.get(5))) : null;
        // The server of today keeps 32 bits.
        long flags = Integer.toUnsignedLong((int) Long.parseLong(words.get(2)));
        Outcome outcome = store.write(request.key(), Write.plain(mode, value, flags, store.expiry(words.get(3)), cas))
                .outcome();
        return outcome + "\r\n";
    }

    private String delete(List<String> words) {
        if (words.size() < 2) {
            return ERROR;
        }
        return store.remove(words.get(1)) ? "DELETED\r\n" : "NOT_FOUND\r\n";
    }

    private String touch(List<String> words) {
        if (words.size() < 3) {
            return ERROR;
        }
        if (!isInteger(words.get(2))) {
            return BAD_EXPTIME;
        }
        Item item = store.find(words.get(1));
        if (item == null) {
            return "NOT_FOUND\r\n";
        }
        store.expireAt(item, store.expiry(words.get(2)));
        store.fetched(item);
        return "TOUCHED\r\n";
    }

    private String count(List<String> words, boolean up) {
        if (words.size() < 3) {
            return ERROR;
        }
        Long delta = FakeStore.unsigned(words.get(2));
        if (delta == null) {
            return "CLIENT_ERROR invalid numeric delta argument\r\n";
        }
        Item item = store.find(words.get(1));
        if (item == null) {
            return "NOT_FOUND\r\n";
        }
        Long number = FakeStore.number(item);
        if (number == null) {
            return "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n";
        }
        long result = FakeStore.counted(number, delta, up);
        store.setNumber(words.get(1), item, result);
        return Long.toUnsignedString(result) + "\r\n";
    }

    private String flush(List<String> words) {
        String exptime = words.size() > 1 && !words.get(1).equals("noreply") ? words.get(1) : "0";
        if (!isInteger(exptime)) {
            return BAD_EXPTIME;
        }
        store.flush(exptime);
        return "OK\r\n";
    }

    private static String verbosity(List<String> words) {
        if (words.size() < 2) {
            return ERROR;
        }
        return isInteger(words.get(1)) ? "OK\r\n" : BAD_FORMAT;
    }

    private static String limitMemory(List<String> words) {
        if (words.size() < 2 || !isInteger(words.get(1))) {
            return ERROR;
        }
        return Long.parseLong(words.get(1)) < LEAST_MEGABYTES
                ? "MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m\r\n"
                : "OK\r\n";
    }

    /** A few of the many; their numbers are right as far as the fake counts. */
    private String statistics(String group) {
        Map<String, Object> statistics = new TreeMap<>();
        switch (group) {
            case "" -> {
                statistics.put("version", version);
                statistics.put("time", store.nowSeconds());
                statistics.put("curr_items", store.all().size());
                statistics.put("cmd_get", reads);
                statistics.put("cmd_set", writes);
            }
            case "settings" -> {
                statistics.put("maxbytes", 64L << 20);
                statistics.put("item_size_max", 1 << 20);
                statistics.put("ssl_key", "(null)");
            }
            case "items" -> {
                if (!store.all().isEmpty()) {
                    statistics.put("items:1:number", store.all().size());
                }
            }
            case "slabs" -> {
                statistics.put("1:chunk_size", 96);
                statistics.put("active_slabs", 1);
            }
            case "reset" -> {
                reads = 0;
                writes = 0;
                return "RESET\r\n";
            }
            default -> {
                return ERROR;
            }
        }
        StringBuilder reply = new StringBuilder();
        statistics.forEach((name, value) -> reply.append("STAT " + name + " " + value + "\r\n"));
        return reply.append("END\r\n").toString();
    }

    /** Lines end by a bare LF, only the last one by CRLF. */
    private String dump(List<String> words) {
        if (words.size() != 3 || !words.get(1).equals("metadump")) {
            return ERROR;
        }
        if (!words.get(2).equals("all") && !words.get(2).equals("hash")) {
            return "BADCLASS invalid class id\r\n";
        }
        StringBuilder reply = new StringBuilder();
        store.all()
                .forEach((key, item) -> reply.append("key=")
                        .append(URLEncoder.encode(key, StandardCharsets.ISO_8859_1)
                                .replace("+", "%20"))
                        .append(" exp=")
                        .append(
                                store.remainingSeconds(item) < 0
                                        ? -1
                                        : store.nowSeconds() + store.remainingSeconds(item))
                        .append(" la=" + (store.nowSeconds() - store.idleSeconds(item)))
                        .append(" cas=" + Long.toUnsignedString(item.cas()))
                        .append(" fetch=" + (item.isFetched() ? "yes" : "no"))
                        .append(" cls=1 size=" + FakeMeta.itemBytes(key, item))
                        .append(modern ? " flags=" + item.flags() + "\n" : "\n"));
        return reply.append("END\r\n").toString();
    }

    private static boolean isInteger(String word) {
        return word.matches("-?[0-9]{1,18}");
    }
}
