package io.emcache.internal.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.internal.protocol.ProtocolException.Reason;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DumpParserTest {
    private static final String ITEM = "exp=-1 la=1795375593 cas=1 fetch=yes cls=1 size=61";

    @Test
    void itemsOfARealServer() {
        String dump = """
                key=a exp=-1 la=1795375593 cas=1 fetch=yes cls=1 size=61
                key=foo%25bar exp=1795375693 la=1795375593 cas=2 fetch=no cls=1 size=72
                key=%FF%00%20%3D exp=-1 la=1795375593 cas=18446744073709551615 fetch=no cls=1 size=65
                END\r
                """;
        List<String> items = List.of(
                "a exp=-1 la=1795375593 cas=1 fetch=true cls=1 size=61",
                "foo%bar exp=1795375693 la=1795375593 cas=2 fetch=false cls=1 size=72",
                "\u00ff\0 = exp=-1 la=1795375593 cas=18446744073709551615 fetch=false cls=1 size=65",
                "END");
        assertThat(parse(dump)).isEqualTo(items);
        assertThat(parseByteByByte(dump)).isEqualTo(items);
    }

    @Test
    void fieldsMayBeUnknownMissingAndInAnyOrder() {
        assertThat(parse("key=a cas=0 fetch=no  la=0 exp=-1 ext_page=0 ttl=what\r\nEND\n"))
                .containsExactly("a exp=-1 la=0 cas=0 fetch=false cls=-1 size=-1", "END");
    }

    @Test
    void dumpMayBeEmptyAndBeginWithOk() {
        assertThat(parse("END\r\n")).containsExactly("END");
        assertThat(parse("OK\r\nEND\r\n")).containsExactly("END");
        assertThat(parse("OK\r\nkey=a " + ITEM + "\nEND\r\n")).hasSize(2);
    }

    @Test
    void nothingIsReadAfterTheEnd() {
        DumpParser parser = new DumpParser();
        MemorySegment in = segment("END\r\nkey=a");
        assertThat(parser.next(in, 0, in.byteSize())).isEqualTo(DumpParser.END);
        assertThat(parser.position()).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BUSY currently processing crawler request",
                "ERROR",
                "CLIENT_ERROR lru crawler disabled",
                "SERVER_ERROR out of memory",
                "BADCLASS invalid class id",
                "ERROR Too many open connections"
            })
    void refusalKeepsItsText(String line) {
        assertThat(parse(line + "\r\n")).containsExactly("refused: " + line);
        assertThat(parseByteByByte(line + "\r\n")).containsExactly("refused: " + line);
    }

    @Test
    void longestKeyIsTakenALongerOneIsNot() {
        assertThat(parse("key=" + "%fF".repeat(250) + " " + ITEM + "\n").getFirst())
                .startsWith("\u00ff".repeat(250));
        assertThat(parse("key=" + "a".repeat(251) + " " + ITEM + "\n")).containsExactly("! BAD_LINE");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | BAD_LINE",
                "hello | BAD_LINE",
                "key= exp=-1 la=1 cas=1 fetch=no | BAD_LINE",
                "key=a | BAD_LINE",
                "key=a exp=-1 la=1 cas=1 | BAD_LINE",
                "key=a exp=-1 la=1 cas=1 fetch=maybe | BAD_LINE",
                "key=a exp=-1 la=1 cas=1 fetch= | BAD_LINE",
                "key=a exp=-1 la=1 cas=1 fetch=no word | BAD_LINE",
                "key=a exp=-1 exp=-1 la=1 cas=1 fetch=no | BAD_LINE",
                "key=a%2 exp=-1 la=1 cas=1 fetch=no | BAD_LINE",
                "key=a% exp=-1 la=1 cas=1 fetch=no | BAD_LINE",
                "key=a%2g exp=-1 la=1 cas=1 fetch=no | BAD_LINE",
                "key=akey=b exp=-1 la=1 cas=1 fetch=no | BAD_LINE",
                "key=a key=b exp=-1 la=1 cas=1 fetch=no | BAD_LINE",
                "key=a exkey=b exp=-1 la=1 cas=1 fetch=no | BAD_LINE",
                "key=a exp=-1 la=17key=b exp=-1 la=1 cas=1 fetch=no | BAD_NUMBER",
                "key=a exp=-1 la=1 cas=1 fetch=ykey=b exp=-1 la=1 cas=1 fetch=no | BAD_LINE",
                "key=a exp=-1 la=1 cas=1 fetch=yes cls=1key=b exp=-1 la=1 cas=1 fetch=no | BAD_NUMBER",
                "key=a exp= la=1 cas=1 fetch=no | BAD_NUMBER",
                "key=a exp=- la=1 cas=1 fetch=no | BAD_NUMBER",
                "key=a exp=-1 la=-1 cas=1 fetch=no | BAD_NUMBER",
                "key=a exp=-1 la=31556889864403200 cas=1 fetch=no | BAD_NUMBER",
                "key=a exp=-1 la=1 cas=18446744073709551616 fetch=no | BAD_NUMBER",
                "key=a exp=-1 la=1 cas=1 fetch=no cls=2147483648 | BAD_NUMBER",
                "key=a exp=-1 la=1 cas=1 fetch=no size=9223372036854775808 | BAD_NUMBER",
            })
    void lineThatIsNoItemIsAViolation(String line, String reason) {
        String expected = "! " + reason;
        assertThat(parse(line + "\nEND\r\n")).containsExactly(expected);
        assertThat(parseByteByByte(line + "\nEND\r\n")).containsExactly(expected);
    }

    @Test
    void errorAfterTheFirstItemIsAViolation() {
        assertThat(parse("key=a " + ITEM + "\nERROR\r\n").getLast()).isEqualTo("! BAD_LINE");
        assertThat(parse("OK\r\nOK\r\n").getLast()).isEqualTo("! BAD_LINE");
    }

    @Test
    void endlessLineIsAViolationBeforeItEnds() {
        DumpParser parser = new DumpParser();
        MemorySegment in = segment("k".repeat(DumpParser.LONGEST_LINE_BYTES + 1));
        assertThat(parser.next(in, 0, DumpParser.LONGEST_LINE_BYTES)).isEqualTo(DumpParser.INCOMPLETE);
        assertThatThrownBy(() -> parser.next(in, 0, in.byteSize()))
                .isInstanceOfSatisfying(
                        ProtocolException.class,
                        violation -> assertThat(violation.reason()).isEqualTo(Reason.LINE_TOO_LONG));
    }

    @Test
    void boundsAreChecked() {
        MemorySegment in = segment("END\r\n");
        assertThatThrownBy(() -> new DumpParser().next(in, 0, 6)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> new DumpParser().next(in, -1, 5)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void anyBytesAreAnItemOrAViolation() {
        Random random = new Random(42);
        byte[] good = ("key=a%20b " + ITEM + "\nEND\r\n").getBytes(ISO_8859_1);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = good.clone();
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                bytes[random.nextInt(bytes.length)] = (byte)
                        (random.nextBoolean() ? random.nextInt(256) : " =%-0k\n\rEND".charAt(random.nextInt(11)));
            }
            String stream = new String(bytes, ISO_8859_1);
            assertThat(parse(stream)).as(stream).isEqualTo(parseByteByByte(stream));
        }
    }

    private static List<String> parse(String stream) {
        return parse(stream, stream.length());
    }

    private static List<String> parseByteByByte(String stream) {
        return parse(stream, 1);
    }

    /** Shows the parser ever more bytes of the stream, so many at a time. */
    private static List<String> parse(String stream, int step) {
        List<String> events = new ArrayList<>();
        DumpParser parser = new DumpParser();
        MemorySegment in = segment(stream);
        long from = 0;
        int kind = DumpParser.INCOMPLETE;
        try {
            for (long to = step; to <= in.byteSize(); to += step) {
                do {
                    kind = parser.next(in, from, to);
                    from = parser.position();
                    if (kind == DumpParser.ITEM) {
                        events.add(describe(parser));
                    }
                } while (kind == DumpParser.ITEM);
                if (kind != DumpParser.INCOMPLETE) {
                    events.add(kind == DumpParser.END ? "END" : "refused: " + parser.refusal());
                    break;
                }
            }
        } catch (ProtocolException e) {
            events.add("! " + e.reason());
        }
        return events;
    }

    private static String describe(DumpParser parser) {
        return new String(parser.key(), ISO_8859_1) + " exp=" + parser.expirySeconds() + " la="
                + parser.lastAccessSeconds() + " cas=" + Long.toUnsignedString(parser.cas()) + " fetch="
                + parser.isFetched() + " cls=" + parser.slabClass() + " size=" + parser.sizeBytes();
    }

    private static MemorySegment segment(String text) {
        return MemorySegment.ofArray(text.getBytes(ISO_8859_1));
    }
}
