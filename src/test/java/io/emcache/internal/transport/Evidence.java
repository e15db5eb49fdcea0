package io.emcache.internal.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.emcache.internal.protocol.OpCode;
import java.util.Arrays;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a server said, searched for the lines that allow a command to be told what it was told, each after those of the
 * commands before. Knows nothing of parsers: it may find evidence where there is none, but a reply that was never
 * given, or given to another key or opaque, it does not find. For one thread.
 */
final class Evidence {
    private static final String ERROR = "(?:(?:CLIENT_|SERVER_)?ERROR|BUSY|LOCKED|BADCLASS|MEMLIMIT_TOO_SMALL)";
    private static final Pattern VALUE_LENGTH = Pattern.compile("VA ([0-9]+)(?: [^\n]*)?");

    private int cursor;
    private final boolean classic;
    private final String said;

    Evidence(String said, boolean classic) {
        this.said = said;
        this.classic = classic;
    }

    /** Fails if the outcome of this command is one that only a server can give, and it did not. */
    void require(RepliesFuzz.Sent command, int opaque, int code) {
        String echo = String.format("O%04x", opaque);
        switch (code) {
            case Outcome.HIT -> {
                value(command.keys[0], echo, Objects.requireNonNull(command.value));
                if (classic) {
                    line("END");
                }
            }
            case Outcome.MISS -> line(classic ? "END" : "(?:EN(?: [^\n]*)?|VA 0+ [^\n]*)");
            case Outcome.DONE -> done(command, echo);
            case Outcome.NOT_STORED -> line(classic ? "NOT_STORED" : "NS(?: [^\n]*)?");
            case Outcome.EXISTS -> line(classic ? "EXISTS" : "EX(?: [^\n]*)?");
            case Outcome.NOT_FOUND -> line(classic ? "NOT_FOUND" : "(?:NF|EN)(?: [^\n]*)?");
            case Outcome.SERVER_ERROR, Outcome.CLIENT_ERROR -> error(command);
            case Outcome.TOO_LARGE -> line("VA(?:LUE)? [^\n]*");
            case Outcome.LOST, Outcome.VIOLATION, Outcome.CLOSED -> values(command);
            case Outcome.UNSUPPORTED -> check(classic, "not supported by a server that is new");
            default -> throw new AssertionError("ended as " + code);
        }
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    private void done(RepliesFuzz.Sent command, String echo) {
        switch (command.op) {
            case OpCode.GET_MANY, OpCode.GET_ITEM_MANY -> {
                values(command);
                line(classic ? "END" : "MN(?: [^\n]*)?");
            }
            case OpCode.STATS -> line("END");
            case OpCode.META_DEBUG -> line("ME(?: [^\n]*)?");
            case OpCode.INCREMENT -> number(echo, Long.toUnsignedString(command.counter));
            case OpCode.DELETE -> line(classic ? "DELETED" : withEcho(echo));
            case OpCode.TOUCH -> line(classic ? "TOUCHED" : withEcho(echo));
            default -> line(classic ? "STORED" : withEcho(echo));
        }
    }

    private static String withEcho(String echo) {
        return "HD(?: [^\n]*)? " + echo + "(?: [^\n]*)?";
    }

    private void number(String echo, String digits) {
        String number = "0*" + digits + " *";
        line(classic ? number : "VA 0*[0-9]+(?: [^\n]*)? " + echo + "(?: [^\n]*)?\r\n" + number);
    }

    private void values(RepliesFuzz.Sent command) {
        Batch batch = command.batch;
        for (int i = 0; batch != null && i < command.keys.length; i++) {
            byte[] value = batch.value(i);
            if (value != null) {
                value(command.keys[i], null, value);
            }
        }
    }

    /** Among the values of a batch the error may come at any place. */
    private void error(RepliesFuzz.Sent command) {
        String text = Objects.requireNonNull(command.text);
        check(Pattern.matches("(?s)" + ERROR + "(?:[ :].*)?", text), "no error line");
        int begin = cursor;
        line(ERROR + "(?:[ :][^\n]*)?");
        if (command.batch != null) {
            int afterError = cursor;
            cursor = begin;
            values(command);
            cursor = Math.max(cursor, afterError);
            line(classic ? "END" : "MN(?: [^\n]*)?");
        }
    }

    private void line(String pattern) {
        Matcher matcher = Pattern.compile("(?<![^\n])" + pattern + "\r\n").matcher(said);
        if (!matcher.find(cursor)) {
            throw new AssertionError("the server never said " + pattern);
        }
        cursor = matcher.end();
    }

    private void value(String key, @Nullable String echo, byte[] value) {
        String text = new String(value, ISO_8859_1) + "\r\n";
        int from = cursor;
        for (int end = said.indexOf('\n', from); end >= 0; end = said.indexOf('\n', from)) {
            boolean whole = end > from && said.charAt(end - 1) == '\r' && said.startsWith(text, end + 1);
            if (whole && isHeader(said.substring(from, end - 1), key, echo, value.length)) {
                cursor = end + 1 + text.length();
                return;
            }
            from = end + 1;
        }
        throw new AssertionError("the server never sent this value for " + key);
    }

    private boolean isHeader(String header, String key, @Nullable String echo, int length) {
        String[] words = header.split(" +");
        if (classic) {
            return words.length >= 4
                    && words[0].equals("VALUE")
                    && words[1].equals(key)
                    && words[3].matches("0*" + length);
        }
        Matcher matcher = VALUE_LENGTH.matcher(header);
        return matcher.matches()
                && matcher.group(1).matches("0*" + length)
                && Arrays.asList(words).contains("k" + key)
                && (echo == null || Arrays.asList(words).contains(echo));
    }
}
