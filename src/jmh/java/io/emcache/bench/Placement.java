package io.emcache.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** On which CPUs the contenders and the server run. */
final class Placement {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String ALLOWED = "Cpus_allowed_list:";

    private Placement() {}

    /**
     * Says where everything runs.
     *
     * @param pin the CPUs that server, yardstick and this process were pinned to, as for {@code taskset -c}, or null
     * @return a phrase
     * @throws Arguments.UsageException if this process may run elsewhere
     */
    static String describe(@Nullable String pin) throws Arguments.UsageException, IOException {
        if (pin == null) {
            return "anywhere: server, client and yardstick on any of "
                    + Runtime.getRuntime().availableProcessors() + " CPUs";
        }
        String allowed = allowedCpus();
        if (!cpus(pin).equals(cpus(allowed))) {
            throw new Arguments.UsageException("--pin " + pin + " does not pin anything, and this process may run on "
                    + allowed + ": start it and the server with taskset -c " + pin + ", or use scripts/bench");
        }
        return "pinned: server, client and yardstick share CPU " + pin;
    }

    private static String allowedCpus() throws IOException {
        if (Files.isReadable(STATUS)) {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith(ALLOWED)) {
                    return line.substring(ALLOWED.length()).strip();
                }
            }
        }
        throw new IOException("this system does not tell on which CPUs a process may run");
    }

    private static BitSet cpus(String list) throws Arguments.UsageException {
        BitSet cpus = new BitSet();
        try {
            for (String range : list.split(",", -1)) {
                String[] ends = range.split("-", 2);
                int first = Integer.parseInt(ends[0]);
                cpus.set(first, Integer.parseInt(ends[ends.length - 1]) + 1);
            }
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new Arguments.UsageException("not a list of CPUs such as 0 or 0,2-3: " + list);
        }
        return cpus;
    }
}
