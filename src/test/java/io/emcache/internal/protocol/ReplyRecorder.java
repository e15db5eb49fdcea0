package io.emcache.internal.protocol;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Turns what a parser says into a list of strings, one for each reply; a violation is the last entry. */
final class ReplyRecorder implements ReplyHandler {
    static final int LARGEST_VALUE = 1 << 20;
    static final int LONGEST_LINE = 2048;

    private final List<String> events = new ArrayList<>();
    private final ByteArrayOutputStream value = new ByteArrayOutputStream();
    private final StringBuilder header = new StringBuilder();

    /** Parses a stream that arrives in pieces cut at the given places, each piece with what was left of those before. */
    static List<String> record(byte[] stream, int... cuts) {
        ReplyRecorder recorder = new ReplyRecorder();
        ReplyParser parser = new ReplyParser(LARGEST_VALUE, LONGEST_LINE);
        byte[] left = {};
        int from = 0;
        for (int i = 0; i <= cuts.length; i++) {
            int to = i < cuts.length ? cuts[i] : stream.length;
            byte[] piece = Arrays.copyOf(left, left.length + to - from);
            System.arraycopy(stream, from, piece, left.length, to - from);
            if (!recorder.take(parser, piece)) {
                return recorder.events;
            }
            left = recorder.left;
            from = to;
        }
        recorder.events.add(parser.insideReply() ? "inside a reply" : "between replies");
        return recorder.events;
    }

    static List<String> record(String stream, int... cuts) {
        return record(stream.getBytes(ISO_8859_1), cuts);
    }

    static List<String> recordByteByByte(byte[] stream) {
        int[] cuts = new int[Math.max(0, stream.length - 1)];
        Arrays.setAll(cuts, i -> i + 1);
        return record(stream, cuts);
    }

    private byte[] left = {};

    private boolean take(ReplyParser parser, byte[] piece) {
        try {
            int consumed = (int) parser.parse(MemorySegment.ofArray(piece), 0, piece.length, this);
            left = Arrays.copyOfRange(piece, consumed, piece.length);
            return true;
        } catch (ProtocolException e) {
            if (!header.isEmpty()) {
                events.add(header + " broken off after " + value.size());
            }
            events.add("! " + e.reason());
            return false;
        }
    }

    List<String> events() {
        return events;
    }

    @Override
    public void onLine(ReplyLine line) {
        events.add(describe(line));
    }

    @Override
    public void onValue(ReplyLine line) {
        header.append(describe(line));
        value.reset();
    }

    @Override
    public void onValueBytes(MemorySegment in, long offset, int length) {
        value.writeBytes(in.asSlice(offset, length).toArray(JAVA_BYTE));
    }

    @Override
    public void onValueEnd() {
        byte[] bytes = value.toByteArray();
        String shown = bytes.length <= 64 ? new String(bytes, ISO_8859_1) : "#" + Arrays.hashCode(bytes);
        events.add(header + " <" + bytes.length + ":" + shown + ">");
        header.setLength(0);
    }

    static String describe(ReplyLine line) {
        StringBuilder text = new StringBuilder(ReplyLine.nameOf(line.kind()));
        if (line.announcesValue()) {
            text.append(" length=").append(line.valueLength());
        }
        if (line.kind() == ReplyLine.NUMBER) {
            text.append(' ').append(Long.toUnsignedString(line.number()));
        }
        if (line.isError() || line.kind() == ReplyLine.VERSION || line.kind() == ReplyLine.STAT) {
            text.append(" '").append(line.text()).append('\'');
        }
        if (line.keyLength() >= 0) {
            byte[] key =
                    line.segment().asSlice(line.keyOffset(), line.keyLength()).toArray(JAVA_BYTE);
            text.append(" key=").append(new String(key, ISO_8859_1));
        }
        describeFlags(line, text);
        return text.toString();
    }

    private static void describeFlags(ReplyLine line, StringBuilder text) {
        if (line.opaque() >= 0) {
            text.append(" opaque=").append(line.opaque());
        }
        if (line.itemFlags() != 0) {
            text.append(" flags=").append(Long.toUnsignedString(line.itemFlags()));
        }
        if (line.hasCas()) {
            text.append(" cas=").append(Long.toUnsignedString(line.cas()));
        }
        if (line.hasTtl()) {
            text.append(" ttl=").append(line.ttlSeconds());
        }
        if (line.lastAccessSeconds() >= 0) {
            text.append(" access=").append(line.lastAccessSeconds());
        }
        if (line.sizeBytes() >= 0) {
            text.append(" size=").append(line.sizeBytes());
        }
        text.append(line.isHitBefore() ? " hit" : "")
                .append(line.isKeyBase64() ? " base64" : "")
                .append(line.isWon() ? " won" : "")
                .append(line.isStale() ? " stale" : "")
                .append(line.isAlreadyWon() ? " alreadyWon" : "");
    }
}
