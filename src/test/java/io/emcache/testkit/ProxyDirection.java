package io.emcache.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * The faults of one direction of a {@link FaultProxy}. They hold for all its connections, can be set at any time and act on
 * the bytes that arrive from then on. Counts of bytes are used up over all connections together. Safe for all threads.
 */
public final class ProxyDirection {
    /** Without faults. */
    private static final long NEVER = Long.MAX_VALUE;

    /** What a test looks at comes first. */
    private static final int MOST_RECORDED_BYTES = 64 * 1024;

    private long delayMs;
    private long dripIntervalMs;
    private int dripBytes = Integer.MAX_VALUE;
    private long dropBytes;
    private long duplicateBytes;
    private long cutAfterBytes = NEVER;
    private long cutEachAfterBytes = NEVER;
    private boolean cutByReset;
    private boolean frozen;
    private long forwardedBytes;

    private final ByteArrayOutputStream record = new ByteArrayOutputStream();

    ProxyDirection() {}

    /** What is to be done with the next bytes. */
    record Piece(int bytes, boolean swallow, boolean duplicate, boolean cut, boolean cutByReset, long pauseMs) {}

    /**
     * Holds every chunk back before it goes on.
     *
     * @param delay how long; zero ends it
     */
    public synchronized void delay(Duration delay) {
        delayMs = delay.toMillis();
    }

    /**
     * Lets bytes through slowly.
     *
     * @param bytes at most so many at a time
     * @param interval the pause behind each piece
     */
    public synchronized void drip(int bytes, Duration interval) {
        dripBytes = bytes;
        dripIntervalMs = interval.toMillis();
    }

    /**
     * Swallows the next bytes and lets those behind them through.
     *
     * @param bytes how many; {@link Long#MAX_VALUE} for all
     */
    public synchronized void dropNext(long bytes) {
        dropBytes = bytes;
    }

    /**
     * Sends the next bytes, and once they are complete sends them again.
     *
     * @param bytes how many
     */
    public synchronized void duplicateNext(long bytes) {
        duplicateBytes = bytes;
    }

    /**
     * Ends a connection in order (FIN, to both sides) after so many more bytes; once.
     *
     * @param bytes how many still go through; with 0 the next byte does not
     */
    public synchronized void cutAfter(long bytes) {
        cutAfterBytes = bytes;
        cutByReset = false;
    }

    /**
     * Resets a connection (RST, to both sides) after so many more bytes; once.
     *
     * @param bytes how many still go through; with 0 the next byte does not
     */
    public synchronized void resetAfter(long bytes) {
        cutAfterBytes = bytes;
        cutByReset = true;
    }

    /**
     * Ends every connection, those to come too, once it has carried so many bytes in this direction (FIN, to both sides).
     *
     * @param bytes how many each of them may carry
     */
    public synchronized void cutEachAfter(long bytes) {
        cutEachAfterBytes = bytes;
        cutByReset = false;
    }

    /**
     * Resets every connection, those to come too, once it has carried so many bytes in this direction (RST, to both sides).
     *
     * @param bytes how many each of them may carry
     */
    public synchronized void resetEachAfter(long bytes) {
        cutEachAfterBytes = bytes;
        cutByReset = true;
    }

    /** Lets nothing through, and reads nothing more, until {@link #unfreeze()}: the sender feels it as back-pressure. */
    public synchronized void freeze() {
        frozen = true;
    }

    /** Lets go on what {@link #freeze()} held. */
    public synchronized void unfreeze() {
        frozen = false;
        notifyAll();
    }

    /** Ends all faults of this direction. */
    public synchronized void heal() {
        delayMs = 0;
        dripIntervalMs = 0;
        dripBytes = Integer.MAX_VALUE;
        dropBytes = 0;
        duplicateBytes = 0;
        cutAfterBytes = NEVER;
        cutEachAfterBytes = NEVER;
        unfreeze();
    }

    /**
     * Returns how many bytes went through so far, repeated ones included.
     *
     * @return the bytes written to the receivers
     */
    public synchronized long forwardedBytes() {
        return forwardedBytes;
    }

    /**
     * Returns the first 64 KiB of what went through so far, over all connections together.
     *
     * @return one character a byte
     */
    public synchronized String forwarded() {
        return record.toString(StandardCharsets.ISO_8859_1);
    }

    synchronized void awaitThawed() throws InterruptedException {
        while (frozen) {
            wait();
        }
    }

    synchronized long delayMs() {
        return delayMs;
    }

    synchronized void forwarded(byte[] bytes, int offset, int count) {
        forwardedBytes += count;
        record.write(bytes, offset, Math.min(count, MOST_RECORDED_BYTES - record.size()));
    }

    /**
     * Decides about at most {@code available} next bytes of a connection that has carried {@code carried}, and uses up the
     * counts of the faults.
     */
    synchronized Piece next(int available, long carried) {
        long untilCut = Math.min(cutAfterBytes, cutEachAfterBytes - carried);
        if (untilCut <= 0) {
            useUp(0);
            return new Piece(0, false, false, true, cutByReset, 0);
        }
        long bytes = Math.min(available, dripBytes);
        boolean swallow = dropBytes > 0;
        boolean repeat = !swallow && duplicateBytes > 0;
        boolean cut = false;
        if (swallow) {
            bytes = Math.min(bytes, dropBytes);
            dropBytes -= bytes;
        } else {
            bytes = Math.min(bytes, repeat ? Math.min(duplicateBytes, untilCut) : untilCut);
            cut = bytes == untilCut;
            useUp(bytes);
        }
        if (repeat) {
            duplicateBytes -= bytes;
        }
        return new Piece((int) bytes, swallow, repeat, cut, cutByReset, dripIntervalMs);
    }

    private void useUp(long bytes) {
        if (cutAfterBytes != NEVER) {
            cutAfterBytes -= bytes;
            cutAfterBytes = cutAfterBytes == 0 ? NEVER : cutAfterBytes;
        }
    }

    synchronized boolean duplicateComplete() {
        return duplicateBytes == 0;
    }
}
