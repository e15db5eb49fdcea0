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
        Slot slot = command.slot;
        if (command.op == OpCode.GET_MANY) {
            batch(command, code);
            return;
        }
        switch (code) {
            case Outcome.HIT -> {
                value(command.keys[0], echo, Objects.requireNonNull(slot.value()));
                if (classic) {
                    line("END");
                }
            }
            case Outcome.MISS -> line(classic ? "END" : "EN(?: [^\n]*)?");
            case Outcome.DONE -> done(command.op, echo);
            case Outcome.NOT_STORED -> line(classic ? "NOT_STORED" : "NS(?: [^\n]*)?");
            case Outcome.EXISTS -> line(classic ? "EXISTS" : "EX(?: [^\n]*)?");
            case Outcome.NOT_FOUND -> line(classic ? "NOT_FOUND" : "NF(?: [^\n]*)?");
            case Outcome.SERVER_ERROR, Outcome.CLIENT_ERROR -> error(slot.text());
            case Outcome.TOO_LARGE -> line("VA(?:LUE)? [^\n]*");
            case Outcome.LOST, Outcome.VIOLATION, Outcome.CLOSED -> {}
            default -> throw new AssertionError("ended as " + code);
        }
    }

    private void done(int op, String echo) {
        if (classic) {
            line(op == OpCode.SET ? "STORED" : "DELETED");
        } else {
            line("HD(?: [^\n]*)? " + echo + "(?: [^\n]*)?");
        }
    }

    private void batch(RepliesFuzz.Sent command, int code) {
        Batch batch = Objects.requireNonNull(command.slot.batch);
        for (int i = 0; i < command.keys.length; i++) {
            byte[] value = batch.value(i);
            if (value != null) {
                value(command.keys[i], null, value);
            }
        }
        switch (code) {
            case Outcome.DONE -> line(classic ? "END" : "MN(?: [^\n]*)?");
            case Outcome.SERVER_ERROR, Outcome.CLIENT_ERROR -> error(command.slot.text());
            case Outcome.TOO_LARGE -> line("VA(?:LUE)? [^\n]*");
            case Outcome.LOST, Outcome.VIOLATION, Outcome.CLOSED -> {}
            default -> throw new AssertionError("ended as " + code);
        }
    }

    private void error(@Nullable String text) {
        String expected = Objects.requireNonNull(text);
        if (!Pattern.matches("(?s)(?:CLIENT_|SERVER_)?ERROR(?:[ :].*)?", expected)) {
            throw new AssertionError("no error line: " + expected);
        }
        line("(?:CLIENT_|SERVER_)?ERROR(?:[ :][^\n]*)?");
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
