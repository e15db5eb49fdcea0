package io.emcache.internal.protocol;

import static io.emcache.internal.protocol.CommandLayout.BINARY_KEY;
import static io.emcache.internal.protocol.CommandLayout.COMPARE_CAS;
import static io.emcache.internal.protocol.CommandLayout.CREATE;
import static io.emcache.internal.protocol.CommandLayout.DROP_VALUE;
import static io.emcache.internal.protocol.CommandLayout.GIVE_CAS;
import static io.emcache.internal.protocol.CommandLayout.NEW_EXPTIME;
import static io.emcache.internal.protocol.Messages.draft;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CapabilitiesTest {
    private static final List<Integer> META_ONLY = List.of(OpCode.LEASE, OpCode.INVALIDATE, OpCode.META_DEBUG);

    @ParameterizedTest
    @ValueSource(strings = {"1.4.39", "1.5.22", "1.6.0", "1.6.9", "1.6", "garbage", "", "v1.6.38"})
    void oldOrUnknownServerIsAskedClassicCommandsOnly(String version) {
        requireClassic(Capabilities.of(ServerVersion.parse(version), false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.4.39", "1.6.18", "1.6.38", "2.0.0"})
    void classicCanBeForced(String version) {
        requireClassic(Capabilities.of(ServerVersion.parse(version), true));
    }

    private static void requireClassic(Capabilities capabilities) {
        assertThat(capabilities.dialect()).isEqualTo(Dialect.CLASSIC);
        for (int op = OpCode.GET; op <= OpCode.META_DEBUG; op++) {
            assertThat(knows(capabilities, op, 0)).as("op %d", op).isEqualTo(!META_ONLY.contains(op));
        }
        assertThat(knows(capabilities, OpCode.SET, CommandLayout.NO_REPLY | CommandLayout.EXTERNAL_VALUE))
                .isTrue();
        features()
                .forEach((name, ask) ->
                        assertThat(knows(capabilities, ask[0], ask[1])).as(name).isFalse());
        assertThat(whyNot(capabilities, OpCode.GET, BINARY_KEY)).isEqualTo("a binary key needs the meta commands");
        assertThat(whyNot(capabilities, OpCode.LEASE, 0)).isEqualTo("this needs the meta commands");
    }

    @ParameterizedTest
    @CsvSource({
        "1.6.10, base64 lease ma-N-J md-I-T",
        "1.6.12, base64 lease ma-N-J md-I-T",
        "1.6.13, base64 lease ma-N-J md-I-T md-C",
        "1.6.18, base64 lease ma-N-J md-I-T md-C",
        "1.6.19, base64 lease ma-N-J md-I-T md-C",
        "1.6.20, base64 lease ma-N-J md-I-T md-C ms-MA-N",
        "1.6.26, base64 lease ma-N-J md-I-T md-C ms-MA-N",
        "1.6.27, base64 lease ma-N-J md-I-T md-C ms-MA-N md-x E",
        "1.6.38, base64 lease ma-N-J md-I-T md-C ms-MA-N md-x E",
        "1.6.38_3, base64 lease ma-N-J md-I-T md-C ms-MA-N md-x E",
        "1.7.0, base64 lease ma-N-J md-I-T md-C ms-MA-N md-x E",
        "2.0.0, base64 lease ma-N-J md-I-T md-C ms-MA-N md-x E"
    })
    void metaServerIsAskedWhatItsVersionHas(String version, String known) {
        Capabilities capabilities = Capabilities.of(ServerVersion.parse(version), false);
        assertThat(capabilities.dialect()).isEqualTo(Dialect.META);
        assertThat(IntStream.rangeClosed(OpCode.GET, OpCode.META_DEBUG)).allMatch(op -> knows(capabilities, op, 0));
        assertThat(features().entrySet().stream()
                        .filter(feature -> knows(capabilities, feature.getValue()[0], feature.getValue()[1]))
                        .map(Map.Entry::getKey))
                .containsExactlyInAnyOrder(known.split(" "));
    }

    @Test
    void commandOfTheCasFamilyNeedsNoOptionToCompare() {
        Capabilities old = Capabilities.of(ServerVersion.parse("1.6.10"), false);
        assertThat(knows(old, OpCode.CAS, 0)).isTrue();
    }

    @Test
    void refusalSaysWhatIsMissing() {
        Capabilities old = Capabilities.of(ServerVersion.parse("1.6.18"), false);
        assertThat(whyNot(old, OpCode.INVALIDATE, DROP_VALUE)).startsWith("this needs a newer server");
        assertThat(whyNot(old, OpCode.APPEND, CREATE)).startsWith("this needs a newer server");
    }

    private static Map<String, int[]> features() {
        Map<String, int[]> features = new LinkedHashMap<>();
        features.put("base64", new int[] {OpCode.GET, BINARY_KEY});
        features.put("lease", new int[] {OpCode.LEASE, 0});
        features.put("ma-N-J", new int[] {OpCode.INCREMENT, CREATE});
        features.put("md-I-T", new int[] {OpCode.INVALIDATE, NEW_EXPTIME});
        features.put("md-C", new int[] {OpCode.DELETE, COMPARE_CAS});
        features.put("ms-MA-N", new int[] {OpCode.APPEND, CREATE});
        features.put("md-x", new int[] {OpCode.INVALIDATE, DROP_VALUE});
        features.put("E", new int[] {OpCode.SET, GIVE_CAS});
        return features;
    }

    private static boolean knows(Capabilities capabilities, int op, int options) {
        return capabilities.knows(draft(op, "k").options(options).build(), Messages.OFFSET);
    }

    private static String whyNot(Capabilities capabilities, int op, int options) {
        return capabilities.whyNot(draft(op, "k").options(options).build(), Messages.OFFSET);
    }
}
