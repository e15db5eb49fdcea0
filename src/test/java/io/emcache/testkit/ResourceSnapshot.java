package io.emcache.testkit;

import io.emcache.internal.memory.MemoryTag;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What of the process's memory, sockets and threads was in use at one time. Immutable; made by any thread. */
final class ResourceSnapshot {
    private static final Path OPEN_FILES = Path.of("/proc/self/fd");
    private static final List<String> KINDS = List.of("socket:", "anon_inode:[eventpoll]", "anon_inode:[eventfd]");

    static {
        JdkDescriptors.open();
    }

    private final ToLongFunction<MemoryTag> usedBytes;
    private final Map<MemoryTag, Long> bytes = new EnumMap<>(MemoryTag.class);
    private final Map<String, List<String>> descriptors;
    private final Set<Thread> threads;

    private ResourceSnapshot(ToLongFunction<MemoryTag> usedBytes) {
        this.usedBytes = usedBytes;
        for (MemoryTag tag : MemoryTag.values()) {
            bytes.put(tag, usedBytes.applyAsLong(tag));
        }
        descriptors = openDescriptors();
        threads = clientThreads();
    }

    static ResourceSnapshot take() {
        return take(MemoryTag::usedBytes);
    }

    static ResourceSnapshot take(ToLongFunction<MemoryTag> usedBytes) {
        return new ResourceSnapshot(usedBytes);
    }

    /** Waits until everything that came after this snapshot is given back; an {@link AssertionError} names the rest. */
    void requireNothingLeft(Duration atMost) {
        if (!TestThreads.await(atMost, () -> leftNow().isEmpty())) {
            List<String> left = leftNow();
            if (!left.isEmpty()) {
                throw new AssertionError("left behind after " + atMost + ": " + String.join("; ", left));
            }
        }
    }

    private List<String> leftNow() {
        ResourceSnapshot now = take(usedBytes);
        List<String> left = new ArrayList<>();
        now.bytes.forEach((tag, used) -> {
            long before = bytes.getOrDefault(tag, 0L);
            if (used > before) {
                left.add("memory " + tag + " " + (used - before) + " bytes");
            }
        });
        now.descriptors.forEach((link, numbers) -> {
            List<String> before = descriptors.getOrDefault(link, List.of());
            if (numbers.size() > before.size()) {
                List<String> added = new ArrayList<>(numbers);
                added.removeAll(before);
                left.add(link + " " + (numbers.size() - before.size()) + " more, fd " + String.join(",", added));
            }
        });
        for (Thread thread : now.threads) {
            if (!threads.contains(thread)) {
                left.add("thread " + thread.getName() + stackOf(thread));
            }
        }
        return left;
    }

    private static String stackOf(Thread thread) {
        return Arrays.stream(thread.getStackTrace())
                .map(frame -> "\n    at " + frame)
                .collect(Collectors.joining());
    }

    private static Set<Thread> clientThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("emcache-"))
                .collect(Collectors.toSet());
    }

    /** Link to the descriptors that lead to it: all selectors share one link, each socket has its own. */
    private static Map<String, List<String>> openDescriptors() {
        if (!Files.isDirectory(OPEN_FILES)) {
            return Map.of();
        }
        Map<String, List<String>> open = new HashMap<>();
        try (Stream<Path> each = Files.list(OPEN_FILES)) {
            for (Path file : each.toList()) {
                String link = linkOf(file);
                if (KINDS.stream().anyMatch(link::startsWith)) {
                    open.computeIfAbsent(link, any -> new ArrayList<>())
                            .add(file.getFileName().toString());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return open;
    }

    private static String linkOf(Path file) throws IOException {
        try {
            return Files.readSymbolicLink(file).toString();
        } catch (NoSuchFileException e) {
            return "closed meanwhile";
        }
    }
}
