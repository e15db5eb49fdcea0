package io.emcache.internal.protocol;

import static io.emcache.testkit.FuzzInput.require;

import io.emcache.testkit.FuzzInput;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Fuzz target: any bytes, in any pieces, at any place of a segment, for any limits. The parser throws nothing but
 * {@link ProtocolException}, reads nothing outside the piece (the segment ends with it, or it is surrounded by bytes
 * that would change the meaning), announces no value above the limit, and is as new after a reset.
 */
final class ReplyParserFuzz {
    private static final int[] LARGEST_VALUES = {0, 1, 9, 100, 5000, 1 << 20, Integer.MAX_VALUE};
    private static final int[] LONGEST_LINES = {2, 3, 10, 40, 300, 2048, 65534};
    private static final byte[] SURROUNDINGS = {'\r', '\n', ' ', '0', '9', 'k', 0, -1};
    private static final byte[] NOTHING_MORE = {'M', 'N', '\r', '\n'};
    private static final int MOST_ALLOCATED = 1 << 20;

    private ReplyParserFuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        int largestValue = LARGEST_VALUES[input.next(LARGEST_VALUES.length)];
        int longestLine = LONGEST_LINES[input.next(LONGEST_LINES.length)];
        byte around = SURROUNDINGS[input.next(SURROUNDINGS.length)];
        int before = input.next(17);
        int[] cuts = input.nextCuts(input.left());
        byte[] stream = input.rest();
        Run exact = new Run(largestValue, longestLine, 0, 0, around);
        exact.feed(stream, cuts);
        Run surrounded = new Run(largestValue, longestLine, before, 9, around);
        surrounded.feed(stream, cuts);
        require(exact.events.equals(surrounded.events), "what is around the bytes changes their meaning");
    }

    /** One stream through one parser; checks what the handler is told. */
    private static final class Run implements ReplyHandler {
        private final int largestValue;
        private final int longestLine;
        private final int before;
        private final int after;
        private final byte around;
        private long from;
        private long to;
        private int filled;
        private final ReplyParser parser;
        private final List<String> events = new ArrayList<>();
        private byte[] value = {};
        private boolean inValue;

        Run(int largestValue, int longestLine, int before, int after, byte around) {
            this.largestValue = largestValue;
            this.longestLine = longestLine;
            this.before = before;
            this.after = after;
            this.around = around;
            this.parser = new ReplyParser(largestValue, longestLine);
        }

        void feed(byte[] stream, int[] cuts) {
            int from = 0;
            byte[] left = {};
            try {
                for (int i = 0; i <= cuts.length; i++) {
                    int to = i < cuts.length ? Math.min(cuts[i], stream.length) : stream.length;
                    byte[] piece = Arrays.copyOf(left, left.length + to - from);
                    System.arraycopy(stream, from, piece, left.length, to - from);
                    left = Arrays.copyOfRange(piece, parse(piece), piece.length);
                    require(left.length <= longestLine + 1, "more is kept than a line may have");
                    from = to;
                }
                require(parser.insideReply() == (inValue || left.length > 0), "where the stream ended");
            } catch (ProtocolException e) {
                events.add("! " + e.reason());
            }
            parser.reset();
            inValue = false;
            require(!parser.insideReply(), "inside a reply after a reset");
            require(parse(NOTHING_MORE) == NOTHING_MORE.length, "a parser that was reset leaves bytes behind");
            require("MN".equals(events.getLast()), "a parser that was reset remembers something");
        }

        private int parse(byte[] piece) {
            byte[] bytes = new byte[before + piece.length + after];
            Arrays.fill(bytes, around);
            System.arraycopy(piece, 0, bytes, before, piece.length);
            from = before;
            to = (long) before + piece.length;
            long consumed = parser.parse(MemorySegment.ofArray(bytes), from, to, this);
            require(consumed >= from && consumed <= to, "consumed what is not there");
            return (int) (consumed - before);
        }

        private void checkLine(ReplyLine line) {
            require(!inValue, "a line inside a value");
            require(line.start() >= from && line.start() < line.end() && line.end() + 2 <= to, "a line not here");
            require(line.end() - line.start() <= longestLine, "a line too long");
            if (line.keyLength() >= 0) {
                require(
                        line.keyOffset() > line.start() && line.keyOffset() + line.keyLength() <= line.end(),
                        "a key outside its line");
            }
            require(line.opaque() >= -1 && line.opaque() <= 0xffff, "an opaque out of range");
            events.add(ReplyRecorder.describe(line));
            require(line.whole().length() >= line.text().length(), "a text longer than its line");
        }

        @Override
        public void onLine(ReplyLine line) {
            require(!line.announcesValue(), "a value is announced as a line");
            checkLine(line);
        }

        @Override
        public void onValue(ReplyLine header) {
            require(header.announcesValue(), "a line is announced as a value");
            checkLine(header);
            int length = header.valueLength();
            require(length >= 0 && length <= largestValue, "a length that was not checked");
            value = new byte[Math.min(length, MOST_ALLOCATED)];
            filled = 0;
            inValue = true;
        }

        @Override
        public void onValueBytes(MemorySegment in, long offset, int length) {
            require(inValue, "bytes outside a value");
            require(length > 0 && offset >= from && offset + length <= to, "bytes that are not here");
            int wanted = Math.min(length, value.length - filled);
            MemorySegment.copy(in, ValueLayout.JAVA_BYTE, offset, value, filled, wanted);
            filled += length;
        }

        @Override
        public void onValueEnd() {
            require(inValue && filled == value.length, "a value that ends elsewhere than announced");
            events.add("#" + Arrays.hashCode(value));
            inValue = false;
        }
    }
}
