package io.emcache.internal.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.emcache.internal.protocol.ProtocolException.Reason;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplyParserTest {
    private static final String END = "between replies";

    @Test
    void metaHitHasLengthKeyAndOpaque() {
        assertThat(ReplyRecorder.record("VA 5 kkey:123 Oabcd\r\nhello\r\n"))
                .containsExactly("VA length=5 key=key:123 opaque=43981 <5:hello>", END);
    }

    @Test
    void metaFlagsComeInAnyOrder() {
        String all = " key=a opaque=255 flags=5 cas=1 ttl=-1 access=0 size=3 hit won stale alreadyWon";
        assertThat(ReplyRecorder.record("VA 3 t-1 c1 f5 l0 h1 s3 ka O00ff X W Z\r\nxyz\r\n"))
                .containsExactly("VA length=3" + all + " <3:xyz>", END);
        assertThat(ReplyRecorder.record("HD Z W X O00ff ka s3 h1 l0 f5 c1 t-1\r\n"))
                .containsExactly("HD" + all, END);
    }

    @Test
    void unknownMetaFlagsAreSkipped() {
        assertThat(ReplyRecorder.record("VA 1 q Kxyz0f5 ka ~ E12 O0001 !\r\nv\r\n"))
                .containsExactly("VA length=1 key=a opaque=1 <1:v>", END);
    }

    @Test
    void emptyKeyAndSpacesBetweenFlagsAreNoHarm() {
        assertThat(ReplyRecorder.record("EN  k  O0001 \r\nVA 0 \r\n\r\n"))
                .containsExactly("EN key= opaque=1", "VA length=0 <0:>", END);
    }

    @Test
    void base64KeyIsMarked() {
        assertThat(ReplyRecorder.record("VA 3 kYWJj b O0003\r\nabc\r\n"))
                .containsExactly("VA length=3 key=YWJj opaque=3 base64 <3:abc>", END);
    }

    @Test
    void flagsOfOneLineDoNotReachTheNext() {
        assertThat(ReplyRecorder.record("HD f5 c7 t9 l1 s2 h1 W X Z b ka O0001\r\nHD\r\nVA 0\r\n\r\nMN\r\n"))
                .containsExactly(
                        "HD key=a opaque=1 flags=5 cas=7 ttl=9 access=1 size=2 hit base64 won stale alreadyWon",
                        "HD",
                        "VA length=0 <0:>",
                        "MN",
                        END);
    }

    @Test
    void bareMetaReplies() {
        assertThat(ReplyRecorder.record("HD\r\nEN\r\nNF\r\nNS\r\nEX\r\nMN\r\nOK\r\nEN kzz O00ff\r\n"))
                .containsExactly("HD", "EN", "NF", "NS", "EX", "MN", "OK", "EN key=zz opaque=255", END);
    }

    @Test
    void metaDebugIsOneLine() {
        assertThat(ReplyRecorder.record("ME n exp=-1 la=0 cas=7 fetch=yes cls=1 size=62\r\n"))
                .containsExactly("ME", END);
    }

    @Test
    void classicValues() {
        assertThat(ReplyRecorder.record(
                        "VALUE a 5 3\r\nxyz\r\nVALUE b:b 4294967295 0 18446744073709551615\r\n\r\nEND\r\n"))
                .containsExactly(
                        "VALUE length=3 key=a flags=5 <3:xyz>",
                        "VALUE length=0 key=b:b flags=4294967295 cas=18446744073709551615 <0:>",
                        "END",
                        END);
    }

    @Test
    void classicLines() {
        String lines = "STORED\r\nNOT_STORED\r\nEXISTS\r\nNOT_FOUND\r\nDELETED\r\nTOUCHED\r\nOK\r\nRESET\r\nEND\r\n";
        assertThat(ReplyRecorder.record(lines))
                .containsExactly(
                        "STORED", "NOT_STORED", "EXISTS", "NOT_FOUND", "DELETED", "TOUCHED", "OK", "RESET", "END", END);
        assertThat(ReplyRecorder.record("VERSION 1.6.18\r\nVERSION\r\nSTAT pid 12\r\n"))
                .containsExactly("VERSION '1.6.18'", "VERSION ''", "STAT 'pid 12'", END);
        assertThat(ReplyRecorder.record("PREFIX user get 2 hit 1 set 1 del 0\r\nEND\r\n"))
                .containsExactly("STAT 'user get 2 hit 1 set 1 del 0'", "END", END);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ERROR | ERROR ''",
                "ERROR Too many open connections | ERROR 'Too many open connections'",
                "ERROR: shutdown not enabled | ERROR 'shutdown not enabled'",
                "CLIENT_ERROR | CLIENT_ERROR ''",
                "CLIENT_ERROR bad data chunk | CLIENT_ERROR 'bad data chunk'",
                "CLIENT_ERROR bad command line format | CLIENT_ERROR 'bad command line format'",
                "CLIENT_ERROR cannot increment or decrement non-numeric value | CLIENT_ERROR 'cannot increment or decrement non-numeric value'",
                "CLIENT_ERROR unauthenticated | CLIENT_ERROR 'unauthenticated'",
                "'CLIENT_ERROR ' | CLIENT_ERROR ''",
                "SERVER_ERROR | SERVER_ERROR ''",
                "SERVER_ERROR object too large for cache | SERVER_ERROR 'object too large for cache'",
                "SERVER_ERROR out of memory storing object | SERVER_ERROR 'out of memory storing object'",
                "SERVER_ERROR: shutdown: x | SERVER_ERROR 'shutdown: x'",
                "BUSY | REFUSED ''",
                "BUSY currently processing crawler request | REFUSED 'currently processing crawler request'",
                "BADCLASS invalid class id | REFUSED 'invalid class id'",
                "LOCKED | REFUSED ''",
                "MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m | REFUSED 'cannot set maxbytes to less than 8m'",
            })
    void errorLinesKeepTheirText(String line, String event) {
        byte[] stream = (line + "\r\n").getBytes(ISO_8859_1);
        assertThat(ReplyRecorder.record(stream)).containsExactly(event, END);
        assertThat(ReplyRecorder.recordByteByByte(stream)).containsExactly(event, END);
    }

    @Test
    void counters() {
        List<String> lines = List.of(
                "5",
                "12",
                "99 ",
                "1                   ",
                "18446744073709551615",
                "1234567",
                "12345678",
                "123456789",
                "0");
        assertThat(ReplyRecorder.record(String.join("\r\n", lines) + "\r\n"))
                .containsExactly(
                        "NUMBER 5",
                        "NUMBER 12",
                        "NUMBER 99",
                        "NUMBER 1",
                        "NUMBER 18446744073709551615",
                        "NUMBER 1234567",
                        "NUMBER 12345678",
                        "NUMBER 123456789",
                        "NUMBER 0",
                        END);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | BAD_LINE",
                "V | BAD_LINE",
                "HELLO | BAD_LINE",
                "va 3 | BAD_LINE",
                "VAL 3 | BAD_LINE",
                "HDX | BAD_LINE",
                "ENDS | BAD_LINE",
                "'END ' | BAD_LINE",
                "STORE | BAD_LINE",
                "STOREDX | BAD_LINE",
                "STORED x | BAD_LINE",
                "NOT_ | BAD_LINE",
                "ERRORX | BAD_LINE",
                "BUSYX | BAD_LINE",
                "BUS | BAD_LINE",
                "BADCLAS | BAD_LINE",
                "LOCK x | BAD_LINE",
                "MEMLIMIT | BAD_LINE",
                "PREF | BAD_LINE",
                "PREFIXES 1 | BAD_LINE",
                "CLIENT_ERRO | BAD_LINE",
                "SERVER_ERROR, | BAD_LINE",
                "VALUE | BAD_LINE",
                "'VALUE ' | BAD_LINE",
                "VALUE  0 3 | BAD_LINE",
                "VALUE:a 0 3 | BAD_LINE",
                "VALUE a | BAD_LINE",
                "VALUE a 0 | BAD_LINE",
                "VALUE a 0 3 1 1 | BAD_LINE",
                "VALUE a x 3 | BAD_NUMBER",
                "VALUE a 0 x | BAD_NUMBER",
                "VALUE a 0 3x | BAD_NUMBER",
                "VALUE a 0 -1 | BAD_NUMBER",
                "VALUE a -1 0 | BAD_NUMBER",
                "VALUE a 0 3 x | BAD_NUMBER",
                "VALUE a 0 1048577 | VALUE_TOO_LARGE",
                "VALUE a 0 2147483648 | VALUE_TOO_LARGE",
                "VA | BAD_NUMBER",
                "'VA ' | BAD_NUMBER",
                "VA x | BAD_NUMBER",
                "VA  3 | BAD_NUMBER",
                "VA -1 | BAD_NUMBER",
                "VA 3x | BAD_NUMBER",
                "VA 1048577 | VALUE_TOO_LARGE",
                "VA 4294967296 | VALUE_TOO_LARGE",
                "VA 18446744073709551615 | VALUE_TOO_LARGE",
                "VA 18446744073709551616 | BAD_NUMBER",
                "VA 99999999999999999999999999999999 | BAD_NUMBER",
                "HD c | BAD_NUMBER",
                "HD cx | BAD_NUMBER",
                "HD c1x | BAD_NUMBER",
                "HD t- | BAD_NUMBER",
                "HD t9223372036854775808 | BAD_NUMBER",
                "HD W1 | BAD_NUMBER",
                "HD O | BAD_OPAQUE",
                "HD O123 | BAD_OPAQUE",
                "HD O12345 | BAD_OPAQUE",
                "HD O12G4 | BAD_OPAQUE",
                "HD OABCD | BAD_OPAQUE",
                "HD O12:4 | BAD_OPAQUE",
                "1x | BAD_NUMBER",
                "1 2 | BAD_NUMBER",
                "1 x | BAD_NUMBER",
                "18446744073709551616 | BAD_NUMBER",
                "99999999999999999999 | BAD_NUMBER",
            })
    void lineThatIsNoReplyIsAViolation(String line, Reason reason) {
        byte[] stream = (line + "\r\nHD\r\nlonger than a word").getBytes(ISO_8859_1);
        assertThat(ReplyRecorder.record(stream)).containsExactly("! " + reason);
        assertThat(ReplyRecorder.recordByteByByte(stream)).containsExactly("! " + reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "HD\n", "HD \nMN\r\n", "VA 1\nx\r\n", "END\n", "ERROR oh\n", "HD\r \n", "\r\r\n\n"})
    void bareLineFeedIsAViolation(String stream) {
        assertThat(ReplyRecorder.record(stream).getLast()).startsWith("! BAD_LINE");
        assertThat(ReplyRecorder.recordByteByByte(stream.getBytes(ISO_8859_1))).isEqualTo(ReplyRecorder.record(stream));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "VA 3\r\nabcd\r\n",
                "VA 3\r\nabc\n\r",
                "VA 0\r\nMN\r\n",
                "VALUE k 0 3\r\nabc\rx",
                "VA 3\r\nabcEND\r\n"
            })
    void valueNotFollowedByCrlfIsAViolation(String stream) {
        assertThat(ReplyRecorder.record(stream)).last().isEqualTo("! BAD_TRAILER");
        assertThat(ReplyRecorder.recordByteByByte(stream.getBytes(ISO_8859_1))).isEqualTo(ReplyRecorder.record(stream));
    }

    @Test
    void lineMayHaveTheLimitAndNoMore() {
        String longest = "SERVER_ERROR " + "x".repeat(ReplyRecorder.LONGEST_LINE - 13);
        assertThat(ReplyRecorder.record(longest + "\r\n").getFirst()).startsWith("SERVER_ERROR 'xxx");
        assertThat(ReplyRecorder.recordByteByByte((longest + "\r\n").getBytes(ISO_8859_1)))
                .isEqualTo(ReplyRecorder.record(longest + "\r\n"));

        assertThat(ReplyRecorder.record(longest + "x\r\n")).containsExactly("! LINE_TOO_LONG");
        assertThat(ReplyRecorder.record(longest + "xx")).containsExactly("! LINE_TOO_LONG");
        assertThat(ReplyRecorder.recordByteByByte((longest + "x\r\n").getBytes(ISO_8859_1)))
                .containsExactly("! LINE_TOO_LONG");
    }

    @Test
    void largestValueIsTaken() {
        byte[] stream = ("VA " + ReplyRecorder.LARGEST_VALUE + "\r\n").getBytes(ISO_8859_1);
        byte[] whole = Arrays.copyOf(stream, stream.length + ReplyRecorder.LARGEST_VALUE + 2);
        whole[whole.length - 2] = '\r';
        whole[whole.length - 1] = '\n';
        List<String> events = ReplyRecorder.record(whole);
        assertThat(events).hasSize(2);
        assertThat(events.getFirst()).startsWith("VA length=1048576 <1048576:#");
    }

    @Test
    void onlyTheRangeIsRead() {
        byte[] bytes = "\nHD ka\r\nENMN\r\n".getBytes(ISO_8859_1);
        ReplyRecorder recorder = new ReplyRecorder();
        ReplyParser parser = new ReplyParser(10, 10);
        assertThat(parser.parse(MemorySegment.ofArray(bytes), 1, 10, recorder)).isEqualTo(8);
        assertThat(recorder.events()).containsExactly("HD key=a");
        assertThat(parser.insideReply()).isTrue();
        assertThatThrownBy(() -> parser.parse(MemorySegment.ofArray(bytes), 8, 15, recorder))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void unconsumedLineIsNotSearchedAgain() {
        byte[] bytes = "HD ka\r\n".getBytes(ISO_8859_1);
        ReplyRecorder recorder = new ReplyRecorder();
        ReplyParser parser = new ReplyParser(10, 10);
        MemorySegment in = MemorySegment.ofArray(bytes);
        assertThat(parser.parse(in, 0, 6, recorder)).isZero();
        bytes[1] = '\n';
        assertThat(parser.parse(in, 0, 6, recorder)).isZero();
        bytes[1] = 'D';
        assertThat(parser.parse(in, 0, 7, recorder)).isEqualTo(7);
        assertThat(recorder.events()).containsExactly("HD key=a");
    }

    @Test
    void insideReplyFromTheFirstByteToTheLast() {
        byte[] stream = "VA 1\r\nx\r\nMN\r\n".getBytes(ISO_8859_1);
        ReplyParser parser = new ReplyParser(10, 10);
        ReplyRecorder recorder = new ReplyRecorder();
        StringBuilder inside = new StringBuilder();
        long from = 0;
        for (int to = 0; to <= stream.length; to++) {
            from = parser.parse(MemorySegment.ofArray(stream), from, to, recorder);
            inside.append(parser.insideReply() ? '+' : '-');
        }
        assertThat(inside).hasToString("-++++++++-+++-");
    }

    @Test
    void parserIsGoodAgainAfterAHandlerThrewAndReset() {
        String stream = "VA 3 ka\r\nabc\r\nHD\r\nMN\r\n";
        MemorySegment in = MemorySegment.ofArray(stream.getBytes(ISO_8859_1));
        for (int throwing = 0; throwing < 5; throwing++) {
            ReplyParser parser = new ReplyParser(10, 10);
            ReplyHandler handler = new ThrowingHandler(throwing);
            assertThatThrownBy(() -> parser.parse(in, 0, in.byteSize(), handler))
                    .isInstanceOf(UnsupportedOperationException.class);
            parser.reset();
            assertThat(parser.insideReply()).isFalse();
            ReplyRecorder recorder = new ReplyRecorder();
            assertThat(parser.parse(in, 0, in.byteSize(), recorder)).isEqualTo(in.byteSize());
            assertThat(recorder.events()).containsExactly("VA length=3 key=a <3:abc>", "HD", "MN");
        }
    }

    @Test
    void parserIsGoodAgainAfterAViolationAndReset() {
        ReplyParser parser = new ReplyParser(10, 10);
        for (String bad :
                List.of("VA 3\r\nabcd", "HELLO\r\n", "VA 3\r\nab", "HD", "HD\n", "VA 11\r\n", "xxxxxxxxxxxx")) {
            MemorySegment in = MemorySegment.ofArray(bad.getBytes(ISO_8859_1));
            try {
                parser.parse(in, 0, in.byteSize(), new ReplyRecorder());
            } catch (ProtocolException e) {
                assertThat(e.reason()).isNotNull();
            }
            parser.reset();
            ReplyRecorder recorder = new ReplyRecorder();
            MemorySegment good = MemorySegment.ofArray("HD\r\n".getBytes(ISO_8859_1));
            assertThat(parser.parse(good, 0, 4, recorder)).isEqualTo(4);
            assertThat(recorder.events()).containsExactly("HD");
        }
    }

    @Test
    void messagesOfViolationsHoldNoBytesOfTheStream() {
        ReplyParser parser = new ReplyParser(10, 10);
        MemorySegment in = MemorySegment.ofArray("secret\r\n".getBytes(ISO_8859_1));
        assertThatThrownBy(() -> parser.parse(in, 0, in.byteSize(), new ReplyRecorder()))
                .isInstanceOf(ProtocolException.class)
                .hasMessage("a line is not a memcached reply [reason=BAD_LINE]");
    }

    /** Throws at the n-th callback. */
    private static final class ThrowingHandler implements ReplyHandler {
        private int left;

        ThrowingHandler(int left) {
            this.left = left;
        }

        private void called() {
            if (left-- == 0) {
                throw new UnsupportedOperationException();
            }
        }

        @Override
        public void onLine(ReplyLine line) {
            called();
        }

        @Override
        public void onValue(ReplyLine header) {
            called();
        }

        @Override
        public void onValueBytes(MemorySegment in, long offset, int length) {
            called();
        }

        @Override
        public void onValueEnd() {
            called();
        }
    }
}
