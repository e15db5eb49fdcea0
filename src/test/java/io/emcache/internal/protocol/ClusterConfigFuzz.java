package io.emcache.internal.protocol;

import static io.emcache.testkit.FuzzInput.require;

import io.emcache.NodeAddress;
import io.emcache.testkit.FuzzInput;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Fuzz target: any bytes as the answers of a discovery endpoint, whole and in pieces, in segments that end where they do.
 * It is nothing but a {@link ProtocolException}, and a cut changes nothing; no list names a node twice.
 */
final class ClusterConfigFuzz {
    private ClusterConfigFuzz() {}

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
        List<String> answers = new ArrayList<>();
        ClusterConfigParser parser = new ClusterConfigParser();
        int from = 0;
        try {
            for (int i = 0; i <= cuts.length; i++) {
                int to = i < cuts.length ? Math.min(cuts[i], stream.length) : stream.length;
                byte[] piece = new byte[before + to - from];
                System.arraycopy(stream, from, piece, before, to - from);
                from += take(parser, piece, before, answers);
                require(to - from <= ClusterConfigParser.LONGEST_ANSWER_BYTES, "more is kept than an answer may have");
            }
        } catch (ProtocolException e) {
            answers.add("! " + e.reason());
        }
        return answers;
    }

    /** Returns how much was consumed. */
    private static int take(ClusterConfigParser parser, byte[] piece, int before, List<String> answers) {
        MemorySegment segment = MemorySegment.ofArray(piece);
        long at = before;
        int kind = parser.next(segment, at, piece.length);
        while (kind != ClusterConfigParser.INCOMPLETE) {
            require(parser.position() > at && parser.position() <= piece.length, "consumed what is not there");
            at = parser.position();
            answers.add(kind + answer(parser, kind));
            kind = parser.next(segment, at, piece.length);
        }
        require(parser.position() == at, "consumed what is not complete");
        return (int) at - before;
    }

    private static String answer(ClusterConfigParser parser, int kind) {
        if (kind != ClusterConfigParser.CONFIG) {
            return kind == ClusterConfigParser.NONE ? "" : parser.text();
        }
        ClusterConfig config = parser.config();
        require(config.version() >= 0, "before all versions");
        Set<String> identities = new HashSet<>();
        for (NodeAddress node : config.nodes()) {
            require(identities.add(node.identity()), "a node twice");
            require(!node.isUnix(), "not a place on the network");
            require(NodeAddress.parse(node.identity()).identity().equals(node.identity()), "an odd identity");
        }
        return config.toString() + Arrays.asList(config.nodes());
    }
}
