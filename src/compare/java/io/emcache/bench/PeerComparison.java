package io.emcache.bench;

import io.emcache.bench.Arguments.UsageException;
import io.emcache.bench.ContestantProcess.ContestantException;
import io.emcache.bench.Scenario.YardstickForm;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * emcache beside other Java clients and the yardstick, case after case. In each case all take turns on the same servers,
 * round after round, and the order moves on by one from round to round, so that neither a drift of the machine nor a place in
 * the row favours one.
 *
 * <p>Each contender has a JVM of its own for each case: its code is compiled for it alone, its heap, its collector and
 * the CPU time are its own, and one that hangs or breaks can be killed without harm to the others. While another has its
 * turn it waits for its input and does nothing.
 */
public final class PeerComparison {
    private static final String USAGE = """
            usage: PeerComparison ADDRESS,... YARDSTICK [OPTION VALUE]...

            The last server is the one for large values (-m 1024), those before it, 8 of them, for the rest (-m 256).

              --rounds N           turns of each contender in each case (5)
              --seconds S          length of a turn (2)
              --warmup S           length of a contender's warm-up in each case (4)
              --cases REGEX        which cases (all)
              --contenders NAMES   who beside the yardstick, separated by commas (%s);
                                   emcache takes parameters of its URI: emcache?connections=1
              --pin CPUS           where scripts/bench pinned everything to, such as 0
              --command TEXT       what was typed, for the report
              --json FILE          where to write the results

            Cases:
              %s
            """.formatted(
                    Entrant.DEFAULT,
                    String.join(
                            "\n  ",
                            Scenario.all().stream()
                                    .map(each -> "%-20s %s".formatted(each.name(), each.title()))
                                    .toList()));
    private static final Set<String> OPTIONS =
            Set.of("--rounds", "--seconds", "--warmup", "--cases", "--contenders", "--pin", "--command", "--json");

    private final int rounds;
    private final double seconds;
    private final double warmUpSeconds;
    private final String command;
    private final String placement;
    private final boolean pinned;
    private final Path yardstick;
    private final Server largeServer;
    private final List<Server> servers;
    private final List<Scenario> scenarios;
    private final List<Entrant> entrants = new ArrayList<>();
    private final List<CaseResult> results = new ArrayList<>();
    private final Instant started = Instant.now();

    private PeerComparison(Arguments arguments) throws UsageException, IOException {
        rounds = arguments.integer("--rounds", 5, 1);
        seconds = arguments.number("--seconds", 2, 0.1);
        warmUpSeconds = arguments.number("--warmup", 4, 0.1);
        pinned = arguments.text("--pin") != null;
        placement = Placement.describe(arguments.text("--pin"));
        command = text(arguments, "--command", "");
        yardstick = Path.of(arguments.word(1));
        List<Server> all = new ArrayList<>();
        for (String address : arguments.word(0).split(",", -1)) {
            all.add(new Server(address));
        }
        if (all.size() != Scenario.MOST_NODES + 1) {
            throw new UsageException(Scenario.MOST_NODES + 1 + " servers are needed, not " + all.size());
        }
        largeServer = all.removeLast();
        servers = List.copyOf(all);
        try {
            Pattern pattern = Pattern.compile(text(arguments, "--cases", ".*"));
            scenarios = Scenario.all().stream()
                    .filter(each -> pattern.matcher(each.name()).matches())
                    .toList();
            for (String label : text(arguments, "--contenders", Entrant.DEFAULT).split(",", -1)) {
                entrants.add(Entrant.of(label));
            }
        } catch (PatternSyntaxException e) {
            throw new UsageException("--cases needs a regular expression: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
        if (scenarios.isEmpty()) {
            throw new UsageException("no case has such a name");
        }
    }

    private static String text(Arguments arguments, String option, String otherwise) {
        String text = arguments.text(option);
        return text == null ? otherwise : text;
    }

    /**
     * Runs the comparison.
     *
     * @param args see the usage that it prints when they are wrong
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        try {
            Arguments arguments = new Arguments(args, 2, OPTIONS);
            PeerComparison comparison = new PeerComparison(arguments);
            comparison.run();
            String json = arguments.text("--json");
            if (json != null) {
                Json.write(Path.of(json), comparison.toMap());
                System.out.println("Results: " + json);
            }
            if (!comparison.results.stream().allMatch(CaseResult::isValid)) {
                System.err.println("What is marked void or has a message above says nothing.");
                System.exit(1);
            }
        } catch (UsageException e) {
            System.err.println(e.getMessage() + "\n\n" + USAGE);
            System.exit(2);
        }
    }

    private void run() throws IOException, InterruptedException {
        System.out.printf(
                Locale.ROOT,
                "%d cases, %d rounds of %.1f s turns after %.1f s of warm-up%nPlacement: %s%n",
                scenarios.size(),
                rounds,
                seconds,
                warmUpSeconds,
                placement);
        for (Entrant entrant : entrants) {
            System.out.printf(
                    "%s %s: %s%n",
                    entrant.label(),
                    version(entrant),
                    entrant.toMap(version(entrant)).get("settings"));
        }
        System.out.println("JVM of each: " + String.join(" ", ContestantProcess.flags()));
        new Yardstick(yardstick, servers.getFirst()).fill();
        if (scenarios.stream().anyMatch(Scenario::isLarge)) {
            new Yardstick(yardstick, largeServer).fill(Scenario.LARGE_VALUE_BYTES, Scenario.LARGE_KEYS);
        }
        for (Scenario scenario : scenarios) {
            CaseResult result = run(scenario);
            results.add(result);
            result.print();
        }
        System.out.println();
    }

    private List<Server> nodes(Scenario scenario) {
        return scenario.isLarge() ? List.of(largeServer) : servers.subList(0, scenario.nodes());
    }

    /** Whoever has a turn in a case. */
    private interface Participant {

        Measurement turn(double seconds) throws ContestantException, IOException, InterruptedException;
    }

    private CaseResult run(Scenario scenario) throws IOException, InterruptedException {
        CaseResult result = new CaseResult(scenario);
        List<Server> nodes = nodes(scenario);
        Map<String, Participant> participants = new LinkedHashMap<>();
        List<ContestantProcess> processes = new ArrayList<>();
        try {
            for (Entrant entrant : entrants) {
                if (scenario.canRun(entrant)) {
                    result.add(entrant.label());
                    ContestantProcess process = new ContestantProcess(entrant, scenario, nodes, nanos(warmUpSeconds));
                    processes.add(process);
                    try {
                        process.awaitReady(nanos(warmUpSeconds));
                        participants.put(entrant.label(), turnSeconds -> process.turn(nanos(turnSeconds)));
                    } catch (ContestantException e) {
                        result.fail(entrant.label(), e.getMessage());
                    }
                }
            }
            for (YardstickForm form : scenario.yardsticks()) {
                result.add(form.label());
                Yardstick plain = new Yardstick(yardstick, nodes.getFirst());
                participants.put(
                        form.label(),
                        turnSeconds -> Measurement.of(
                                plain.turn(
                                        form.form(),
                                        form.window(),
                                        turnSeconds,
                                        scenario.valueBytes(),
                                        scenario.keys()),
                                form));
            }
            for (int round = 0; round < rounds; round++) {
                run(participants, round, result);
            }
        } finally {
            for (ContestantProcess process : processes) {
                process.stop();
            }
        }
        return result;
    }

    private void run(Map<String, Participant> participants, int round, CaseResult result)
            throws IOException, InterruptedException {
        List<String> order = new ArrayList<>(participants.keySet());
        Collections.rotate(order, -round);
        for (String label : order) {
            Participant participant = participants.get(label);
            if (participant != null) {
                try {
                    result.add(label, participant.turn(seconds));
                } catch (ContestantException e) {
                    result.fail(label, e.getMessage());
                    participants.remove(label);
                }
            }
        }
    }

    private static String version(Entrant entrant) throws IOException {
        Properties versions = new Properties();
        try (InputStream in = PeerComparison.class.getResourceAsStream("versions.properties")) {
            if (in == null) {
                throw new IOException("versions.properties is not in the jar");
            }
            versions.load(in);
        }
        return versions.getProperty(entrant.client().library);
    }

    private Map<String, @Nullable Object> toMap() throws IOException {
        List<Map<String, Object>> contenders = new ArrayList<>();
        for (Entrant entrant : entrants) {
            contenders.add(entrant.toMap(version(entrant)));
        }
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("benchmark", "compare");
        map.put("time", started.toString());
        map.put("minutes", Duration.between(started, Instant.now()).toSeconds() / 60.0);
        map.put("command", command);
        map.put("machine", Machine.describe(servers.getFirst()));
        map.put("jvmFlags", String.join(" ", ContestantProcess.flags()));
        map.put("pinned", pinned);
        map.put("placement", placement);
        map.put("rounds", rounds);
        map.put("secondsPerTurn", seconds);
        map.put("warmUpSeconds", warmUpSeconds);
        map.put("contenders", contenders);
        map.put("cases", results.stream().map(CaseResult::toMap).toList());
        return map;
    }

    private static long nanos(double seconds) {
        return (long) (seconds * 1e9);
    }
}
