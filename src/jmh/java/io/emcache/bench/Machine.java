package io.emcache.bench;

import com.sun.management.OperatingSystemMXBean;
import io.emcache.MemcachedClient;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a measurement ran on. */
final class Machine {
    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
    private static final List<String> MODEL_NAMES = List.of("model name", "Processor", "Hardware");

    private Machine() {}

    static Map<String, Object> describe(Server server) throws IOException {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("cpu", cpu());
        map.put("processors", processors());
        map.put("memoryGiB", Math.round(system.getTotalMemorySize() / (double) (1L << 30)));
        map.put(
                "system",
                System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                        + System.getProperty("os.arch"));
        map.put("java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        map.put(
                "collector",
                String.join(
                        ", ",
                        ManagementFactory.getGarbageCollectorMXBeans().stream()
                                .map(GarbageCollectorMXBean::getName)
                                .toList()));
        map.put("memcached", memcached(server));
        return map;
    }

    private static String cpu() throws IOException {
        if (Files.isReadable(CPU_INFO)) {
            for (String line : Files.readAllLines(CPU_INFO)) {
                int colon = line.indexOf(':');
                if (colon > 0 && MODEL_NAMES.contains(line.substring(0, colon).strip())) {
                    return line.substring(colon + 1).strip();
                }
            }
        }
        return "unknown";
    }

    /** All of the machine, also those that this process may not use. */
    private static long processors() throws IOException {
        if (Files.isReadable(CPU_INFO)) {
            return Files.readAllLines(CPU_INFO).stream()
                    .filter(line -> line.startsWith("processor"))
                    .count();
        }
        return Runtime.getRuntime().availableProcessors();
    }

    private static String memcached(Server server) {
        try (MemcachedClient client = server.connect()) {
            return client.admin().version().hits().values().iterator().next();
        }
    }
}
