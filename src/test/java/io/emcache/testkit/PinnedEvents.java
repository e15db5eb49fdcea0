package io.emcache.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * Finds virtual threads that blocked without leaving their carrier, by the JFR event {@code jdk.VirtualThreadPinned} at
 * threshold 0. Counts those of the whole JVM. Safe for all threads.
 */
public final class PinnedEvents {
    private static final String EVENT = "jdk.VirtualThreadPinned";

    private PinnedEvents() {}

    /** What runs while the events are recorded. */
    @FunctionalInterface
    public interface Task {
        /**
         * Runs; virtual threads it started must have done what is to be observed when it returns.
         *
         * @throws Exception goes on to the caller
         */
        void run() throws Exception;
    }

    /**
     * Runs a task and counts the events meanwhile.
     *
     * @param task what to observe
     * @return how often a virtual thread was pinned
     * @throws Exception what the task throws
     */
    public static int count(Task task) throws Exception {
        return record(task).size();
    }

    /**
     * Runs a task and returns the events meanwhile; each prints with its stack.
     *
     * @param task what to observe
     * @return the events, oldest first
     * @throws Exception what the task throws
     */
    public static List<RecordedEvent> record(Task task) throws Exception {
        try (Recording recording = new Recording()) {
            recording.enable(EVENT).withThreshold(Duration.ZERO).withStackTrace();
            recording.start();
            task.run();
            recording.stop();
            return eventsOf(recording);
        }
    }

    private static List<RecordedEvent> eventsOf(Recording recording) throws IOException {
        Path file = Files.createTempFile("emcache-pinned", ".jfr");
        try {
            recording.dump(file);
            return RecordingFile.readAllEvents(file).stream()
                    .filter(event -> event.getEventType().getName().equals(EVENT))
                    .toList();
        } finally {
            Files.delete(file);
        }
    }
}
