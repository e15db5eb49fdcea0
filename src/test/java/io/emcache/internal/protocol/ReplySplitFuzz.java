package io.emcache.internal.protocol;

import static io.emcache.testkit.FuzzInput.require;

import io.emcache.testkit.FuzzInput;
import java.util.List;

/** Fuzz target: a stream means the same in one piece, cut anywhere, and byte by byte. */
final class ReplySplitFuzz {
    private ReplySplitFuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        FuzzInput input = new FuzzInput(data);
        int[] cuts = input.nextCuts(input.left());
        byte[] stream = input.rest();
        for (int i = 0; i < cuts.length; i++) {
            cuts[i] = Math.min(cuts[i], stream.length);
        }
        List<String> whole = ReplyRecorder.record(stream);
        require(whole.equals(ReplyRecorder.record(stream, cuts)), "a cut changes the meaning");
        require(whole.equals(ReplyRecorder.recordByteByByte(stream)), "single bytes mean something else");
    }
}
