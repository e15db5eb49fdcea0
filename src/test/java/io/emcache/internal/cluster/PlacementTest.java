package io.emcache.internal.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.emcache.Locator;
import io.emcache.NodeAddress;
import io.emcache.testkit.NoLeaks;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How {@link Locator#RENDEZVOUS} spreads a million keys, and which of them move. */
@NoLeaks
class PlacementTest {
    private static final int KEYS = 1_000_000;

    @ParameterizedTest
    @ValueSource(ints = {3, 8, 9})
    void everyNodeHasAlmostTheSameLoad(int nodeCount) {
        long[] loads = loads(routes(Routing.nodes(nodeCount)), nodeCount);

        double mean = (double) KEYS / nodeCount;
        assertThat(Arrays.stream(loads).max().orElseThrow() / mean).isLessThanOrEqualTo(1.02);
        assertThat(Arrays.stream(loads).min().orElseThrow() / mean).isGreaterThanOrEqualTo(0.98);
    }

    @Test
    void ninthNodeTakesItsShareAndMovesNothingElse() {
        int[] before = routes(Routing.nodes(8));
        int[] after = routes(Routing.nodes(9));

        int moved = 0;
        int strays = 0;
        for (int i = 0; i < KEYS; i++) {
            if (after[i] != before[i]) {
                moved++;
                strays += after[i] == 8 ? 0 : 1;
            }
        }
        assertThat(strays).isZero();
        assertThat((double) moved / KEYS).isEqualTo(1.0 / 9, within(0.005));
    }

    @Test
    void keysOfANodeThatLeavesAreSharedByAllOthers() {
        List<NodeAddress> nine = Routing.nodes(9);
        int left = 4;
        List<NodeAddress> eight = new ArrayList<>(nine);
        eight.remove(left);
        int[] before = routes(nine);
        int[] after = routes(eight);

        long[] heirs = new long[8];
        int strays = 0;
        for (int i = 0; i < KEYS; i++) {
            if (before[i] == left) {
                heirs[after[i]]++;
            } else if (after[i] != (before[i] < left ? before[i] : before[i] - 1)) {
                strays++;
            }
        }
        assertThat(strays).isZero();
        assertThat((double) Arrays.stream(heirs).sum() / KEYS).isEqualTo(1.0 / 9, within(0.005));
        double mean = Arrays.stream(heirs).average().orElseThrow();
        assertThat(Arrays.stream(heirs).boxed())
                .allSatisfy(heir -> assertThat(heir / mean).isBetween(0.95, 1.05));
    }

    @Test
    void loadIsInProportionToWeight() {
        List<NodeAddress> nodes = IntStream.rangeClosed(1, 8)
                .mapToObj(i -> NodeAddress.tcp("10.0.0." + i, 11211).withWeight(i))
                .toList();

        long[] loads = loads(routes(nodes), nodes.size());

        for (int i = 0; i < loads.length; i++) {
            assertThat((double) loads[i])
                    .as("weight %d", i + 1)
                    .isCloseTo(KEYS * (i + 1) / 36.0, Percentage.withPercentage(2.5));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a,b,c,d,e -> a,b,3*c,d,e",
                "a,2*b,3*c,4*d,e -> a,2*b,3*c,d,e",
                "65535*a,b,c -> a,b,c",
                "7*a,7*b,7*c,7*d -> 7*a,7*b,7*c,8*d"
            })
    void changeOfOneWeightMovesKeysOnlyToOrFromThatNode(String change) {
        String[] sides = change.split(" -> ", -1);
        List<NodeAddress> old = Routing.parse(sides[0]);
        List<NodeAddress> changed = Routing.parse(sides[1]);
        int node = IntStream.range(0, old.size())
                .filter(i -> !old.get(i).equals(changed.get(i)))
                .findFirst()
                .orElseThrow();
        boolean grown = changed.get(node).weight() > old.get(node).weight();
        int[] before = routes(old);
        int[] after = routes(changed);

        int moved = 0;
        int strays = 0;
        for (int i = 0; i < KEYS; i++) {
            if (after[i] != before[i]) {
                moved++;
                strays += (grown ? after[i] : before[i]) == node ? 0 : 1;
            }
        }
        assertThat(strays).isZero();
        double share = Math.abs(share(changed, node) - share(old, node));
        assertThat((double) moved / KEYS).isEqualTo(share, within(0.005));
    }

    private static double share(List<NodeAddress> nodes, int node) {
        return (double) nodes.get(node).weight() / Weights.sum(nodes);
    }

    private static int[] routes(List<NodeAddress> nodes) {
        try (Routing routing = Routing.over(nodes, Locator.RENDEZVOUS)) {
            return routing.routes(KEYS);
        }
    }

    private static long[] loads(int[] routes, int nodeCount) {
        long[] loads = new long[nodeCount];
        for (int node : routes) {
            loads[node]++;
        }
        return loads;
    }
}
