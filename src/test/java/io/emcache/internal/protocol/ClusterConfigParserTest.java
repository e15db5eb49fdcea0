package io.emcache.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.NodeAddress;
import io.emcache.internal.protocol.ProtocolException.Reason;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterConfigParserTest {
    private static final String AWS = "12\nc.0001.use1.cache.amazonaws.com|10.82.235.120|11211"
            + " c.0002.use1.cache.amazonaws.com|10.80.249.27|11211\n";

    @Test
    void answersOfAws() {
        List<String> expected = List.of("v12 [c.0001.use1.cache.amazonaws.com:11211=10.82.235.120:11211,"
                + " c.0002.use1.cache.amazonaws.com:11211=10.80.249.27:11211]");
        assertThat(parse(config(AWS))).isEqualTo(expected);
        assertThat(parse("VALUE AmazonElastiCache:cluster 0 " + AWS.length() + "\r\n" + AWS + "\r\nEND\r\n"))
                .isEqualTo(expected);
    }

    @Test
    void answerOfMemorystoreNamesAddressesOnly() {
        assertThat(parse(config("1\n10.0.0.3|10.0.0.3|11211 10.0.0.4|10.0.0.4|11211\n")))
                .containsExactly("v1 [10.0.0.3:11211, 10.0.0.4:11211]");
    }

    @Test
    void identityIsTheHostAndThePlaceTheAddress() {
        ClusterConfigParser parser = new ClusterConfigParser();
        MemorySegment in = segment(config("7\ncache-1|10.0.0.1|11211\n"));
        assertThat(parser.next(in, 0, in.byteSize())).isEqualTo(ClusterConfigParser.CONFIG);
        assertThat(parser.config())
                .isEqualTo(new ClusterConfig(
                        7, List.of(NodeAddress.tcp("10.0.0.1", 11211).withId("cache-1:11211"))));
    }

    static Stream<List<String>> nodes() {
        return Stream.of(
                List.of("a||1", "[a:1]"),
                List.of("|10.0.0.1|1", "[10.0.0.1:1]"),
                List.of("a|a|1", "[a:1]"),
                List.of("a|::1|1", "[a:1=[::1]:1]"),
                List.of("a|[::1]|1", "[a:1=[::1]:1]"),
                List.of("::1|::1|1", "[[::1]:1]"),
                List.of("[::1]|::1|65535", "[[::1]:65535]"),
                List.of("fe80::1%eth0||1", "[[fe80::1%eth0]:1]"),
                List.of("a.b.|10.0.0.1|1", "[a.b.:1=10.0.0.1:1]"),
                List.of("a_b-c||01", "[a_b-c:1]"),
                List.of("a|10.0.0.1|1|us-east-1a|x", "[a:1=10.0.0.1:1]"),
                List.of("a||1 b||1 a||1", "[a:1, b:1]"),
                List.of("a|10.0.0.1|1 a|10.0.0.2|1", "[a:1=10.0.0.1:1]"),
                List.of("a||1 a||2", "[a:1, a:2]"));
    }

    @ParameterizedTest
    @MethodSource("nodes")
    void nodesInAllTheirForms(List<String> node) {
        assertThat(parse(config("3\n" + node.get(0) + "\n"))).containsExactly("v3 " + node.get(1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "3\na||1 b||2",
                "3\na||1 b||2\n",
                "3\na||1 b||2\r\n",
                "3\r\na||1 b||2\r\n",
                "3\na||1  b||2 \n",
                " 3 \n a||1\tb||2 \n\n",
                "\n3\na||1\nb||2\n",
                "3\ra||1\rb||2\r",
                "3 a||1 b||2"
            })
    void blanksAndLineEndsDoNotMatter(String block) {
        for (String end : new String[] {"\r\nEND\r\n", "\nEND\n", "END\r\n", "\r\n\r\n \r\nEND \r\n"}) {
            String answer = "CONFIG cluster 0 " + block.length() + " \n" + block + end;
            assertThat(parse(answer)).as(answer).containsExactly("v3 [a:1, b:2]");
        }
    }

    @Test
    void listMayBeEmpty() {
        assertThat(parse(config("9\n\n"))).containsExactly("v9 []");
        assertThat(parse(config("9"))).containsExactly("v9 []");
    }

    @Test
    void versionHasUpTo18Digits() {
        assertThat(parse(config("999999999999999999\na||1\n"))).containsExactly("v999999999999999999 [a:1]");
        assertThat(parse(config("0\na||1\n"))).containsExactly("v0 [a:1]");
    }

    @Test
    void answersFollowOneAnother() {
        String all = "VERSION 1.6.18\r\n" + "ERROR\r\n" + config("3\na||1\n") + "END\r\n"
                + "SERVER_ERROR out of memory \r\n" + config("4\na||1\n");
        assertThat(parse(all))
                .containsExactly(
                        "version 1.6.18",
                        "refused ERROR",
                        "v3 [a:1]",
                        "none",
                        "refused SERVER_ERROR out of memory",
                        "v4 [a:1]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello\r\n",
                "\r\n",
                "VERSION\r\n",
                "HD\r\n",
                "CONFIG\r\n",
                "CONFIG cluster\r\n",
                "CONFIG cluster 0\r\n",
                "CONFIG cluster 0 x\r\n",
                "CONFIG cluster 0 -1\r\n",
                "CONFIG cluster 0 99999999999999999999\r\n",
                "CONFIG cluster 0 262145\r\n",
                "CONFIG cluster 0 1\r\n3\r\nSTOP\r\n",
                "CONFIG cluster 0 1\r\n3a||1\n\r\nEND\r\n",
                "CONFIG cluster 0 0\r\n\r\nEND\r\n"
            })
    void otherAnswersAreViolations(String answer) {
        assertThat(parse(answer)).singleElement().asString().startsWith("! ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "x\na||1\n",
                "-1\na||1\n",
                "1000000000000000000\na||1\n",
                "3\na\n",
                "3\na|1\n",
                "3\n||1\n",
                "3\na||\n",
                "3\na||0\n",
                "3\na||65536\n",
                "3\na||1x\n",
                "3\na b||1\n",
                "3\na/b||1\n",
                "3\na|10.0.0.1:1|1\n",
                "3\na||1 b\n",
                "3\na||1,b||2\n",
                "\u0661\na||1\n"
            })
    void listThatCannotBeUnderstoodIsNone(String block) {
        assertThat(parse(config(block))).singleElement().asString().startsWith("! ");
    }

    @Test
    void linesAndBlocksAreBounded() {
        String endless = "x".repeat(ClusterConfigParser.LONGEST_LINE_BYTES);
        assertThat(parse(endless)).containsExactly("! " + Reason.LINE_TOO_LONG);
        assertThat(parse(endless.substring(1))).isEmpty();
        assertThat(parse("CONFIG cluster 0 1\r\n3" + "\n".repeat(3000))).containsExactly("! " + Reason.LINE_TOO_LONG);
        assertThat(parse("CONFIG cluster 0 262145\r\n")).containsExactly("! " + Reason.VALUE_TOO_LARGE);
        assertThat(parse("CONFIG cluster 0 262144\r\n3\na||1")).isEmpty();
    }

    @Test
    void largestListIsTaken() {
        StringBuilder block = new StringBuilder("1\n");
        int count = 0;
        while (block.length() < ClusterConfigParser.MAX_BLOCK_BYTES - 30) {
            block.append('n').append(count++).append("|10.0.0.1|11211 ");
        }
        String answer = config(block.toString());
        assertThat(answer.length()).isLessThanOrEqualTo(ClusterConfigParser.LONGEST_ANSWER_BYTES);
        ClusterConfigParser parser = new ClusterConfigParser();
        assertThat(parser.next(segment(answer), 0, answer.length())).isEqualTo(ClusterConfigParser.CONFIG);
        assertThat(parser.config().nodes()).hasSize(count);
    }

    /** Each beginning of the answer is no answer yet, wherever it lies in the segment. */
    @Test
    void everyCutIsIncomplete() {
        for (String answer : new String[] {config(AWS), "VERSION 1.6.18\r\n", "END\r\n", "ERROR\r\n"}) {
            MemorySegment in = segment("123" + answer);
            for (int to = 3; to < in.byteSize(); to++) {
                ClusterConfigParser parser = new ClusterConfigParser();
                assertThat(parser.next(in.asSlice(0, to), 3, to)).isEqualTo(ClusterConfigParser.INCOMPLETE);
                assertThat(parser.position()).isEqualTo(3);
            }
            ClusterConfigParser parser = new ClusterConfigParser();
            assertThat(parser.next(in, 3, in.byteSize())).isNotEqualTo(ClusterConfigParser.INCOMPLETE);
            assertThat(parser.position()).isEqualTo(in.byteSize());
        }
    }

    @Test
    void offsetsOutsideTheSegmentAreRefused() {
        assertThatThrownBy(() -> new ClusterConfigParser().next(segment("END\r\n"), 0, 6))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    private static String config(String block) {
        int length = block.getBytes(StandardCharsets.UTF_8).length;
        return "CONFIG cluster 0 " + length + "\r\n" + block + "\r\nEND\r\n";
    }

    private static MemorySegment segment(String text) {
        return MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> parse(String stream) {
        List<String> answers = new ArrayList<>();
        ClusterConfigParser parser = new ClusterConfigParser();
        MemorySegment in = segment(stream);
        int kind;
        do {
            try {
                kind = parser.next(in, parser.position(), in.byteSize());
            } catch (ProtocolException e) {
                answers.add("! " + e.reason());
                return answers;
            }
            switch (kind) {
                case ClusterConfigParser.VERSION -> answers.add("version " + parser.text());
                case ClusterConfigParser.CONFIG ->
                    answers.add("v" + parser.config().version() + " "
                            + parser.config().nodes());
                case ClusterConfigParser.NONE -> answers.add("none");
                case ClusterConfigParser.REFUSED -> answers.add("refused " + parser.text());
                default -> {}
            }
        } while (kind != ClusterConfigParser.INCOMPLETE);
        return answers;
    }
}
