package io.emcache.internal.protocol;

import static io.emcache.testkit.FuzzInput.require;

import io.emcache.testkit.FuzzInput;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Fuzz target: any bytes as the answer to a dump, whole and in pieces, in segments that end where they do. It is nothing
 * but a {@link ProtocolException}, and a cut changes nothing; keys are valid in length, and numbers in range.
 */
final class DumpParserFuzz {
    private DumpParserFuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        int before = input.next(9);
        int[] cuts = input.nextCuts(input.left());
        byte[] stream = input.rest();
        List<String> whole = parse(stream, new int[0], 0);
        require(whole.equals(parse(stream, cuts, before)), "a cut changes the meaning");
    }

    private static List<String> parse(byte[] stream, int[] cuts, int before) {
        List<String> events = new ArrayList<>();
        DumpParser parser = new DumpParser();
        byte[] left = {};
        int from = 0;
        try {
            for (int i = 0; i <= cuts.length; i++) {
                int to = i < cuts.length ? Math.min(cuts[i], stream.length) : stream.length;
                byte[] piece = new byte[before + left.length + to - from];
                System.arraycopy(left, 0, piece, before, left.length);
                System.arraycopy(stream, from, piece, before + left.length, to - from);
                int consumed = take(parser, piece, before, events);
                if (consumed < 0) {
                    return events;
                }
                left = Arrays.copyOfRange(piece, consumed, piece.length);
                require(left.length <= DumpParser.LONGEST_LINE_BYTES, "more is kept than a line may have");
                from = to;
            }
        } catch (ProtocolException e) {
            events.add("! " + e.reason());
        }
        return events;
    }

    /** Returns how much was consumed, or -1 at the end. */
    private static int take(DumpParser parser, byte[] piece, int before, List<String> events) {
        MemorySegment segment = MemorySegment.ofArray(piece);
        long at = before;
        while (true) {
            int kind = parser.next(segment, at, piece.length);
            require(parser.position() >= at && parser.position() <= piece.length, "consumed what is not there");
            at = parser.position();
            switch (kind) {
                case DumpParser.INCOMPLETE -> {
                    return (int) at;
                }
                case DumpParser.ITEM -> events.add(item(parser));
                default -> {
                    events.add(kind + parser.refusal());
                    return -1;
                }
            }
        }
    }

    private static String item(DumpParser parser) {
        byte[] key = parser.key();
        require(key.length > 0 && key.length <= KeyCodec.MAX_KEY_BYTES, "a key of " + key.length + " bytes");
        require(parser.lastAccessSeconds() >= 0, "accessed before all times");
        require(parser.slabClass() >= -1 && parser.sizeBytes() >= -1, "less than nothing");
        return Arrays.toString(key) + parser.expirySeconds() + " " + parser.lastAccessSeconds() + " " + parser.cas()
                + parser.isFetched() + parser.slabClass() + " " + parser.sizeBytes();
    }
}
