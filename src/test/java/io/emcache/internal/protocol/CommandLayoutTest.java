package io.emcache.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;

class CommandLayoutTest {
    @Test
    void headerComesBackAsItWasPut() {
        MemorySegment message = MemorySegment.ofArray(new byte[1 + CommandLayout.HEADER_LENGTH]);
        CommandLayout.putHeader(
                message,
                1,
                0x01020304,
                -5,
                OpCode.SET,
                CommandLayout.EXTERNAL_VALUE,
                0xfffe,
                Integer.MAX_VALUE,
                -1,
                -7,
                -9);
        assertThat(CommandLayout.slot(message, 1)).isEqualTo(0x01020304);
        assertThat(CommandLayout.generation(message, 1)).isEqualTo(-5);
        assertThat(CommandLayout.op(message, 1)).isEqualTo(OpCode.SET);
        assertThat(CommandLayout.options(message, 1)).isEqualTo(CommandLayout.EXTERNAL_VALUE);
        assertThat(CommandLayout.isValueExternal(message, 1)).isTrue();
        assertThat(CommandLayout.keyLength(message, 1)).isEqualTo(0xfffe);
        assertThat(CommandLayout.valueLength(message, 1)).isEqualTo(Integer.MAX_VALUE);
        assertThat(CommandLayout.itemFlags(message, 1)).isEqualTo(-1);
        assertThat(CommandLayout.exptime(message, 1)).isEqualTo(-7);
        assertThat(CommandLayout.cas(message, 1)).isEqualTo(-9);
        assertThat(CommandLayout.keyOffset(1)).isEqualTo(33);
        assertThat(CommandLayout.valueOffset(message, 1)).isEqualTo(33 + 0xfffe);
    }

    @Test
    void lengthsCountHeaderKeysAndValue() {
        assertThat(CommandLayout.length(10, 100)).isEqualTo(142);
        assertThat(CommandLayout.keyBlockLength(3, 30)).isEqualTo(36);
        assertThat(CommandLayout.lengthOfMany(3, 30)).isEqualTo(68);
    }

    @Test
    void onlySetCarriesDataAndOnlyReadsMayBeSentTwice() {
        assertThat(OpCode.carriesData(OpCode.SET)).isTrue();
        assertThat(OpCode.carriesData(OpCode.GET)).isFalse();
        assertThat(OpCode.isRead(OpCode.GET)).isTrue();
        assertThat(OpCode.isRead(OpCode.GET_MANY)).isTrue();
        assertThat(OpCode.isRead(OpCode.NOOP)).isTrue();
        assertThat(OpCode.isRead(OpCode.SET)).isFalse();
        assertThat(OpCode.isRead(OpCode.DELETE)).isFalse();
    }
}
