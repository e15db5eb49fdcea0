package io.emcache.internal.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.emcache.MemcachedException.Timeout.Phase;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Events of a node that no other test has, in recordings of their own. */
class FlightEventsTest {
    private static final String NODE = "flight-events-test:1";
    private static final long MS = TimeUnit.MILLISECONDS.toNanos(1);

    @TempDir
    private Path directory;

    private List<RecordedEvent> record(Recording recording, Runnable task) throws IOException {
        recording.start();
        task.run();
        recording.stop();
        Path file = directory.resolve("events.jfr");
        recording.dump(file);
        return RecordingFile.readAllEvents(file).stream()
                .filter(event -> event.getEventType().getName().startsWith("io.emcache."))
                .filter(event -> NODE.equals(event.getString("node")))
                .toList();
    }

    private static void tellEverything() {
        LaneTelemetry lane = new NodeTelemetry(NODE).openLane();
        FlightEvents.connectionOpened(NODE, 7);
        FlightEvents.nodeHealth(NODE, true, null);
        lane.replied(LaneTelemetry.READ, 21 * MS);
        lane.node().timedOut(Phase.RECEIVING, 5 * MS);
        FlightEvents.connectionClosed(NODE, 7, new IOException("reset"));
        FlightEvents.connectionFailed(NODE, new IOException("refused"));
        FlightEvents.nodeHealth(NODE, false, new IOException("refused"));
    }

    @Test
    void everyEventIsRecordedWithItsFields() throws IOException {
        try (Recording recording = new Recording()) {
            List<RecordedEvent> events = record(recording, FlightEventsTest::tellEverything);
            assertThat(events)
                    .extracting(event -> event.getEventType().getName())
                    .containsExactly(
                            "io.emcache.ConnectionOpened",
                            "io.emcache.NodeHealth",
                            "io.emcache.SlowCall",
                            "io.emcache.CallTimeout",
                            "io.emcache.ConnectionClosed",
                            "io.emcache.ConnectionFailed",
                            "io.emcache.NodeHealth");
            assertThat(events.get(0).getLong("connection")).isEqualTo(7);
            assertThat(events.get(1).getBoolean("healthy")).isTrue();
            assertThat(events.get(2).getString("kind")).isEqualTo("read");
            assertThat(events.get(2).getDuration("elapsed")).isEqualTo(Duration.ofMillis(21));
            assertThat(events.get(3).getString("phase")).isEqualTo("receiving");
            assertThat(events.get(3).getDuration("elapsed")).isEqualTo(Duration.ofMillis(5));
            assertThat(events.get(4).getString("cause")).contains("reset");
            assertThat(events.get(5).getString("cause")).contains("refused");
            assertThat(events.get(6).getBoolean("healthy")).isFalse();
            assertThat(events)
                    .allSatisfy(event ->
                            assertThat(event.getStackTrace()).as("stack trace").isNull());
        }
    }

    @Test
    void nothingIsRecordedThatIsSwitchedOff() throws IOException {
        try (Recording recording = new Recording()) {
            for (String name : List.of("ConnectionOpened", "ConnectionClosed", "ConnectionFailed", "NodeHealth")) {
                recording.disable("io.emcache." + name);
            }
            recording.disable("io.emcache.CallTimeout");
            recording.disable("io.emcache.SlowCall");
            assertThat(record(recording, FlightEventsTest::tellEverything)).isEmpty();
        }
    }

    @Test
    void callsAreSlowFromTwentyMillisecondsOnIfNobodySaysOtherwise() throws IOException {
        LaneTelemetry lane = new NodeTelemetry(NODE).openLane();
        try (Recording recording = new Recording()) {
            assertThat(record(recording, () -> {
                        lane.replied(LaneTelemetry.WRITE, 20 * MS - 1);
                        lane.replied(LaneTelemetry.WRITE, 20 * MS);
                    }))
                    .extracting(event -> event.getDuration("elapsed"))
                    .containsExactly(Duration.ofMillis(20));
        }
    }

    @Test
    void recordingSaysWhatIsSlow() throws IOException {
        LaneTelemetry lane = new NodeTelemetry(NODE).openLane();
        try (Recording recording = new Recording()) {
            recording.enable("io.emcache.SlowCall").with("slowerThan", "3 ms");
            assertThat(record(recording, () -> {
                        lane.replied(LaneTelemetry.OTHER, 2 * MS);
                        lane.replied(LaneTelemetry.OTHER, 4 * MS);
                    }))
                    .extracting(event -> event.getDuration("elapsed"))
                    .containsExactly(Duration.ofMillis(4));
        }
    }

    @Test
    void ofSeveralRecordingsTheOneThatWantsMostIsHeard() throws IOException {
        LaneTelemetry lane = new NodeTelemetry(NODE).openLane();
        try (Recording other = new Recording();
                Recording recording = new Recording()) {
            other.enable("io.emcache.SlowCall").with("slowerThan", "1 s");
            other.start();
            recording.enable("io.emcache.SlowCall").with("slowerThan", "5 ms");
            assertThat(record(recording, () -> lane.replied(LaneTelemetry.READ, 6 * MS)))
                    .hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "5 ns, 5",
        "5ms, 5000000",
        "7 us, 7000",
        "20 ms, 20000000",
        "1 s, 1000000000",
        "2 m, 120000000000",
        "' 3  ms ', 3000000",
        "20, 20000000",
        "'', 20000000",
        "x ms, 20000000",
        "1 year, 20000000",
        "99999999999999 s, 20000000"
    })
    void limitIsWrittenAsJfrWritesTimes(String setting, long ns) {
        assertThat(FlightEvents.SlowerThan.parseNs(setting)).isEqualTo(ns);
    }

    @Test
    void eventsAreInOneCategory() {
        tellEverything();
        try (Recording recording = new Recording()) {
            recording.start();
            assertThat(FlightRecorder.getFlightRecorder().getEventTypes())
                    .filteredOn(type -> type.getName().startsWith("io.emcache."))
                    .hasSizeGreaterThanOrEqualTo(6)
                    .extracting(EventType::getCategoryNames)
                    .containsOnly(List.of("emcache"));
        }
    }
}
