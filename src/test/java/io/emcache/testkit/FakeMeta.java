package io.emcache.testkit;

import io.emcache.testkit.FakeStore.Item;
import io.emcache.testkit.FakeStore.Mode;
import io.emcache.testkit.FakeStore.Outcome;
import io.emcache.testkit.FakeStore.Write;
import io.emcache.testkit.FakeStore.Written;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The meta commands of {@link FakeMemcached}, answered as memcached's proto_parser.c and proto_text.c do. Not thread-safe.
 *
 * <p>A flag that the server ignores on a command fails the script: a client that sends it means something else.
 */
final class FakeMeta {
    private static final String NOT_A_NUMBER = "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n";
    private static final String TOO_LARGE = "SERVER_ERROR object too large for cache\r\n";

    private final boolean modern;
    private final FakeStore store;

    FakeMeta(FakeStore store, boolean modern) {
        this.store = store;
        this.modern = modern;
    }

    /** One command taken apart; the key is the one that is stored. */
    private record Command(Request request, String key, List<String> flags) {
        boolean has(char kind) {
            return argument(kind) != null;
        }

        @Nullable
        String argument(char kind) {
            for (String flag : flags) {
                if (flag.charAt(0) == kind) {
                    return flag.substring(1);
                }
            }
            return null;
        }

        String argument(char kind, String absent) {
            String argument = argument(kind);
            return argument == null ? absent : argument;
        }

        /** An unsigned number, null if the command has no such flag. */
        @Nullable
        Long number(char kind) {
            String argument = argument(kind);
            return argument == null ? null : Long.valueOf(Long.parseUnsignedLong(argument));
        }
    }

    String reply(Request request) {
        return switch (request.verb()) {
            case "mn" -> "MN\r\n";
            case "me" -> debug(request);
            case "mg" -> answer(request, 2, "kvOqfcthlsTNRb", "invalid flag", "duplicate flag");
            case "ms" -> answer(request, 3, "kOqcbFTCMI", "invalid flag", "duplicate flag");
            case "md" -> answer(request, 2, "kOqbCIT", "invalid or duplicate flag", "invalid or duplicate flag");
            case "ma" -> answer(request, 2, "kOqbvctNJDTMC", "invalid or duplicate flag", "invalid or duplicate flag");
            default -> "ERROR\r\n";
        };
    }

    private String answer(Request request, int from, String known, String invalid, String duplicate) {
        List<String> words = request.words();
        if (words.size() < from) {
            return "ERROR\r\n";
        }
        List<String> flags = words.subList(from, words.size());
        Set<Character> seen = new HashSet<>();
        for (String flag : flags) {
            char kind = flag.charAt(0);
            if ("bcCDfFhIJklMNOPqRstTv".indexOf(kind) < 0 && !(modern && (kind == 'E' || kind == 'x'))) {
                return "CLIENT_ERROR " + invalid + "\r\n";
            }
            if (!seen.add(kind)) {
                return "CLIENT_ERROR " + duplicate + "\r\n";
            }
            if (known.indexOf(kind) < 0 && !isMeantByModern(request.verb(), kind)) {
                throw new AssertionError("FakeMemcached does not know '" + kind + "' in '" + request + "'");
            }
        }
        String key = seen.contains('b') ? decoded(request.key()) : request.key();
        if (key == null) {
            return "CLIENT_ERROR error decoding key\r\n";
        }
        Command command = new Command(request, key, flags);
        return switch (request.verb()) {
            case "mg" -> get(command);
            case "ms" -> set(command);
            case "md" -> delete(command);
            default -> arithmetic(command);
        };
    }

    private static boolean isMeantByModern(String verb, char kind) {
        return switch (verb) {
            case "ms" -> "ENs".indexOf(kind) >= 0;
            case "md" -> "Ex".indexOf(kind) >= 0;
            default -> kind == 'E';
        };
    }

    /** The server wants the padding. */
    private static @Nullable String decoded(String key) {
        try {
            return key.length() % 4 == 0 && !key.isEmpty()
                    ? new String(Base64.getDecoder().decode(key), StandardCharsets.ISO_8859_1)
                    : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static String encoded(String key) {
        return Base64.getEncoder().encodeToString(key.getBytes(StandardCharsets.ISO_8859_1));
    }

    private String get(Command command) {
        Item item = store.find(command.key());
        boolean created = item == null && command.has('N');
        if (item == null) {
            if (!created) {
                return command.has('q') ? "" : "EN" + echo(command, null, "") + "\r\n";
            }
            item = store.put(command.key(), "", 0, store.expiry(command.argument('N', "")));
            store.setEncoded(item, command.has('b'));
            setCas(item, command);
        }
        boolean wins = created;
        StringBuilder line = new StringBuilder();
        for (String flag : command.flags()) {
            String argument = flag.substring(1);
            switch (flag.charAt(0)) {
                case 'T' -> store.expireAt(item, store.expiry(argument));
                case 'R' -> wins |= !created && isRecached(item, argument);
                case 'k' -> line.append(item.isEncoded() ? " k" + encoded(command.key()) + " b" : " k" + command.key());
                case 'h' -> line.append(item.isFetched() ? " h1" : " h0");
                case 'l' -> line.append(" l").append(store.idleSeconds(item));
                default -> appendCommon(line, flag, item);
            }
        }
        line.append(item.isWon() ? " Z" : "").append(item.isStale() ? " X" : "");
        if (wins || (item.isStale() && !item.isWon())) {
            line.append(" W");
            item.win();
        }
        store.fetched(item);
        return command.has('v')
                ? "VA " + item.value().length() + line + "\r\n" + item.value() + "\r\n"
                : "HD" + line + "\r\n";
    }

    private boolean isRecached(Item item, String seconds) {
        long remaining = store.remainingSeconds(item);
        return !item.isWon() && remaining >= 0 && remaining < Long.parseLong(seconds);
    }

    private void appendCommon(StringBuilder line, String flag, Item item) {
        switch (flag.charAt(0)) {
            case 'O' -> line.append(' ').append(flag);
            case 'f' -> line.append(" f").append(item.flags());
            case 's' -> line.append(" s").append(item.value().length());
            case 'c' -> line.append(" c").append(Long.toUnsignedString(item.cas()));
            case 't' -> line.append(" t").append(store.remainingSeconds(item));
            default -> {}
        }
    }

    /** Key and opaque, and of the item only these flags; without one the CAS is 0. */
    private String echo(Command command, @Nullable Item item, String ofItem) {
        StringBuilder line = new StringBuilder();
        for (String flag : command.flags()) {
            if (flag.charAt(0) == 'k') {
                line.append(" k").append(command.request().key()).append(command.has('b') ? " b" : "");
            } else if (flag.charAt(0) == 'O') {
                line.append(' ').append(flag);
            } else if (ofItem.indexOf(flag.charAt(0)) >= 0) {
                appendOf(line, flag, item, command);
            }
        }
        return line.toString();
    }

    private void appendOf(StringBuilder line, String flag, @Nullable Item item, Command command) {
        if (item != null) {
            appendCommon(line, flag, item);
        } else if (flag.equals("c")) {
            line.append(" c0");
        } else if (flag.equals("s")) {
            line.append(" s").append(command.request().data().length);
        }
    }

    private static boolean isOther(Item item, @Nullable Long cas) {
        return cas != null && cas != item.cas();
    }

    private void setCas(Item item, Command command) {
        Long cas = command.number('E');
        if (cas != null) {
            store.setCas(item, cas);
        }
    }

    private String set(Command command) {
        String value = new String(command.request().data(), StandardCharsets.ISO_8859_1);
        Mode mode = switch (command.argument('M', "S")) {
            case "S" -> Mode.SET;
            case "E" -> Mode.ADD;
            case "R" -> Mode.REPLACE;
            case "A" -> Mode.APPEND;
            case "P" -> Mode.PREPEND;
            default -> null;
        };
        if (mode == null) {
            return "CLIENT_ERROR invalid mode for ms M token\r\n";
        }
        if (store.isTooLarge(value)) {
            store.remove(command.key());
            return TOO_LARGE;
        }
        String created = modern ? command.argument('N') : null;
        Written written = store.write(
                command.key(),
                new Write(
                        mode,
                        value,
                        Long.parseLong(command.argument('F', "0")),
                        store.expiry(command.argument('T', "0")),
                        command.number('C'),
                        command.number('E'),
                        command.has('I'),
                        created == null ? null : Long.valueOf(store.expiry(created))));
        Item item = written.item();
        if (item != null) {
            store.setEncoded(item, command.has('b'));
            if (command.has('q')) {
                return "";
            }
        }
        String line = modern ? echo(command, item, "cs") : echo(command, item, "c");
        return status(written.outcome()) + line + "\r\n";
    }

    private static String status(Outcome outcome) {
        return switch (outcome) {
            case STORED -> "HD";
            case NOT_STORED -> "NS";
            case EXISTS -> "EX";
            case NOT_FOUND -> "NF";
        };
    }

    private String delete(Command command) {
        Item item = store.find(command.key());
        String status = "HD";
        if (item == null) {
            status = "NF";
        } else if (isOther(item, command.number('C'))) {
            status = "EX";
        } else {
            delete(command, item);
        }
        boolean hidden = command.has('q') && status.equals("HD");
        return hidden ? "" : status + echo(command, null, "") + "\r\n";
    }

    private void delete(Command command, Item item) {
        if (!command.has('I') && !command.has('x')) {
            store.remove(command.key());
            return;
        }
        Item kept = item;
        if (command.has('x')) {
            kept = store.put(command.key(), "", 0, 0);
            store.setEncoded(kept, item.isEncoded());
        }
        String ttl = command.argument('T');
        if (ttl != null) {
            store.expireAt(kept, store.expiry(ttl));
        }
        if (command.has('I')) {
            store.markStale(kept, command.number('E'));
        } else {
            setCas(kept, command);
        }
    }

    private String arithmetic(Command command) {
        boolean up;
        switch (command.argument('M', "I")) {
            case "I", "+" -> up = true;
            case "D", "-" -> up = false;
            default -> {
                return "CLIENT_ERROR invalid mode for ma M token\r\n";
            }
        }
        Long delta = FakeStore.unsigned(command.argument('D', "1"));
        Long initial = FakeStore.unsigned(command.argument('J', "0"));
        if (delta == null || initial == null) {
            return "CLIENT_ERROR invalid or duplicate flag\r\n";
        }
        Item item = store.find(command.key());
        boolean made = item == null;
        long result = initial;
        if (item == null) {
            if (!command.has('N')) {
                return "NF" + echo(command, null, "") + "\r\n";
            }
            long expiry = store.expiry(command.argument('N', ""));
            item = store.put(command.key(), Long.toUnsignedString(initial), 0, expiry);
            store.setEncoded(item, command.has('b'));
            setCas(item, command);
        } else if (!item.value().isEmpty() && isOther(item, command.number('C'))) {
            return "EX" + echo(command, null, "") + "\r\n";
        } else {
            Long number = FakeStore.number(item);
            if (number == null) {
                return NOT_A_NUMBER;
            }
            result = FakeStore.counted(number, delta, up);
            store.setNumber(command.key(), item, result);
            setCas(item, command);
        }
        String ttl = command.argument('T');
        if (ttl != null) {
            store.expireAt(item, store.expiry(ttl));
        }
        // A counter that is made is told even so.
        if (command.has('q') && !made) {
            return "";
        }
        String line = echo(command, item, "ct");
        String digits = Long.toUnsignedString(result);
        return command.has('v') ? "VA " + digits.length() + line + "\r\n" + digits + "\r\n" : "HD" + line + "\r\n";
    }

    /** 1.6.18 tells the remaining time as a negative number. */
    private String debug(Request request) {
        if (request.words().size() < 2) {
            return "CLIENT_ERROR bad command line format\r\n";
        }
        boolean base64 = request.words().contains("b");
        String key = base64 ? decoded(request.key()) : request.key();
        Item item = key == null ? null : store.find(key);
        if (item == null || key == null) {
            return "EN\r\n";
        }
        long remaining = store.remainingSeconds(item);
        String shown = item.isEncoded() ? encoded(key) : key;
        return "ME " + shown + " exp=" + (modern || remaining < 0 ? remaining : -remaining)
                + " la=" + store.idleSeconds(item) + " cas=" + Long.toUnsignedString(item.cas())
                + " fetch=" + (item.isFetched() ? "yes" : "no") + " cls=1 size=" + itemBytes(key, item) + "\r\n";
    }

    /** What an item takes in the server: its header, CAS, key, flags if there are any, value and line end. */
    static int itemBytes(String key, Item item) {
        return 48
                + 8
                + key.length()
                + 1
                + (item.flags() == 0 ? 0 : 4)
                + item.value().length()
                + 2;
    }
}
