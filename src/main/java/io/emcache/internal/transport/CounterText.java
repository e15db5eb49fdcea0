package io.emcache.internal.transport;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/** Reads the number of a counter as its text arrives. Owned by the holder of the driver token; allocates nothing. */
final class CounterText {
    /** A number has up to 20 digits; one that became shorter keeps its length, padded with spaces. */
    private static final int LONGEST = 32;

    private static final long LARGEST_TENTH = Long.divideUnsigned(-1L, 10);

    private boolean reading;
    private boolean padded;
    private int digits;
    private long number;

    void begin(int length) {
        if (length > LONGEST) {
            throw new DesyncException("the number of a counter is too long: " + length);
        }
        reading = true;
        padded = false;
        digits = 0;
        number = 0;
    }

    /** Forgets a number that was broken off. */
    void reset() {
        reading = false;
    }

    boolean isReading() {
        return reading;
    }

    void add(MemorySegment in, long offset, int length) {
        for (int i = 0; i < length; i++) {
            byte b = in.get(JAVA_BYTE, offset + i);
            int digit = b - '0';
            if (b == ' ' && digits > 0) {
                padded = true;
            } else if (digit < 0 || digit > 9 || padded || isOver(digit)) {
                throw new DesyncException("the reply to a counter command is no number");
            } else {
                number = number * 10 + digit;
                digits++;
            }
        }
    }

    private boolean isOver(int digit) {
        return Long.compareUnsigned(number, LARGEST_TENTH) > 0 || (number == LARGEST_TENTH && digit > 5);
    }

    /** The text is whole: returns the number, unsigned. */
    long end() {
        reading = false;
        if (digits == 0) {
            throw new DesyncException("the reply to a counter command is empty");
        }
        return number;
    }
}
