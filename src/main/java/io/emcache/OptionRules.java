package io.emcache;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Collects what is wrong with a set of options. For one thread and one set. */
final class OptionRules {
    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofHours(24);
    private static final int MAX_QUOTED = 80;

    private final List<String> problems = new ArrayList<>();

    void distinctNodes(List<NodeAddress> nodes, int least) {
        if (nodes.size() < least) {
            problems.add("nodes must name at least one node");
        }
        Set<String> identities = new HashSet<>();
        for (NodeAddress node : nodes) {
            if (!identities.add(node.identity())) {
                problems.add("nodes must not name " + SafeText.quotable(node.identity(), MAX_QUOTED) + " twice");
            }
        }
    }

    void present(String name, @Nullable Object value) {
        if (value == null) {
            problems.add(name + " must not be null");
        }
    }

    void duration(String name, @Nullable Duration value) {
        if (value == null || value.compareTo(SHORTEST) < 0 || value.compareTo(LONGEST) > 0) {
            problems.add(name + " must be 1ms to 24h, not " + value);
        }
    }

    void durationOrZero(String name, @Nullable Duration value) {
        if (value == null || !value.isZero()) {
            duration(name, value);
        }
    }

    void onlyOne(String name, boolean present, String otherName, boolean otherPresent) {
        if (present && otherPresent) {
            problems.add(name + " must not be there beside " + otherName);
        }
    }

    void onlyOne(Collection<String> names) {
        if (names.size() > 1) {
            problems.add("only one of " + String.join(" and ", names) + " must be there");
        }
    }

    void onlyWithTls(Collection<String> names, boolean withTls) {
        if (!withTls && !names.isEmpty()) {
            problems.add(String.join(", ", names)
                    + " must not be there without TLS, which is off: nothing would be encrypted. memcacheds:// in a URI and"
                    + " tls=true in properties switch it on");
        }
    }

    /** The name of the variable is not told: who has a shell fill in a URI may have written its value instead. */
    void variable(String name, @Nullable String value) {
        if (value == null || value.isEmpty()) {
            problems.add(name + " must name an environment variable that is set");
        }
    }

    void hostsOnly(String name, boolean present, List<NodeAddress> nodes) {
        if (present && nodes.stream().anyMatch(NodeAddress::isUnix)) {
            problems.add(name + " must have hosts as nodes, not unix sockets");
        }
    }

    void equalWeights(String name, Locator value, List<NodeAddress> nodes) {
        if (value == Locator.EMCACHE
                && nodes.stream().mapToInt(NodeAddress::weight).distinct().count() > 1) {
            problems.add(name + " must not be emcache if nodes have different weights, of which it knows nothing");
        }
    }

    void range(String name, long value, long min, long max) {
        if (value < min || value > max) {
            problems.add(name + " must be " + min + " to " + max + ", not " + value);
        }
    }

    void powerOfTwo(String name, int value, int min, int max) {
        if (value < min || value > max || Integer.bitCount(value) != 1) {
            problems.add(name + " must be a power of two, " + min + " to " + max + ", not " + value);
        }
    }

    void atLeast(String name, long value, String otherName, long otherValue) {
        if (value < otherValue) {
            problems.add(name + " must be at least " + otherName + " (" + otherValue + "), not " + value);
        }
    }

    void together(String name, boolean present, String otherName, boolean otherPresent) {
        if (present != otherPresent) {
            problems.add((present ? name : otherName) + " must not be there without " + (present ? otherName : name));
        }
    }

    void onlyWith(String name, boolean present, String otherName, boolean otherPresent) {
        if (present && !otherPresent) {
            problems.add(name + " must not be there without " + otherName);
        }
    }

    void someOf(String name, List<String> values, Set<String> known) {
        if (values.isEmpty() || !known.containsAll(values)) {
            problems.add(name + " must be some of " + String.join(" and ", new TreeSet<>(known)) + ", not "
                    + SafeText.quotable(values.toString(), MAX_QUOTED));
        }
    }

    void someAuthority(boolean systemAuthorities, boolean ca) {
        if (!systemAuthorities && !ca) {
            problems.add("systemAuthorities must not be false without ca: nobody would be trusted");
        }
    }

    /** A CAS that an item can have. */
    static long cas(long cas) {
        if (cas == 0) {
            throw new IllegalArgumentException(
                    "CAS 0 is that of a server which keeps no CAS values; it compares with no item");
        }
        return cas;
    }

    void throwIfBroken() {
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException("invalid options: " + String.join("; ", problems));
        }
    }
}
