package io.emcache;

import java.util.function.Function;

/** Calls code of the user, and makes a failure of the codec of all that can go wrong in it. Stateless. */
final class CodecCalls {
    private CodecCalls() {}

    /**
     * Calls a function.
     *
     * @param what who is called, for the message
     * @throws MemcachedException.Codec if the function throws an exception or returns null
     */
    static <A, B> B call(String what, Function<? super A, ? extends B> function, A argument) {
        B result;
        try {
            result = function.apply(argument);
        } catch (MemcachedException.Codec e) {
            throw e;
        } catch (RuntimeException e) {
            throw new MemcachedException.Codec(what + " failed", e);
        }
        if (result == null) {
            throw new MemcachedException.Codec(what + " returned null", null);
        }
        return result;
    }
}
