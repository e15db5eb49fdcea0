package io.emcache.internal.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
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
        CommandLayout.putExtra(message, 1, -11);
        assertThat(CommandLayout.extra(message, 1)).isEqualTo(-11);
        assertThat(CommandLayout.keyOffset(1)).isEqualTo(41);
        assertThat(CommandLayout.valueOffset(message, 1)).isEqualTo(41 + 0xfffe);
    }

    @Test
    void lengthsCountHeaderKeysAndValue() {
        assertThat(CommandLayout.length(10, 100)).isEqualTo(150);
        assertThat(CommandLayout.keyBlockLength(3, 30)).isEqualTo(36);
        assertThat(CommandLayout.lengthOfMany(3, 30)).isEqualTo(76);
    }

    @Test
    void everyOptionIsABitOfItsOwnInOneByte() {
        int[] options = {
            CommandLayout.NO_REPLY,
            CommandLayout.EXTERNAL_VALUE,
            CommandLayout.BINARY_KEY,
            CommandLayout.COMPARE_CAS,
            CommandLayout.CREATE,
            CommandLayout.NEW_EXPTIME,
            CommandLayout.DROP_VALUE,
            CommandLayout.GIVE_CAS
        };
        assertThat(Arrays.stream(options).reduce(0, (a, b) -> a + b)).isEqualTo(0xff);
        MemorySegment message = MemorySegment.ofArray(new byte[CommandLayout.HEADER_LENGTH]);
        for (int option : options) {
            CommandLayout.putHeader(message, 0, 0, 0, OpCode.SET, option, 0, 0, 0, 0, 0);
            assertThat(CommandLayout.options(message, 0)).isEqualTo(option);
            assertThat(CommandLayout.has(message, 0, option)).isTrue();
        }
    }

    @Test
    void keysOfABlockKnowWhetherTheyAreBinary() {
        MemorySegment block = MemorySegment.ofArray(new byte[2 + 250 + 2 + 1]);
        MemorySegment key = MemorySegment.ofArray(new byte[250]);
        long second = CommandLayout.putBlockKey(block, 0, key, 0, 250, true);
        assertThat(second).isEqualTo(252);
        assertThat(CommandLayout.putBlockKey(block, second, key, 0, 1, false)).isEqualTo(255);
        assertThat(CommandLayout.blockKeyLength(block, 0)).isEqualTo(250);
        assertThat(CommandLayout.isBlockKeyBinary(block, 0)).isTrue();
        assertThat(CommandLayout.blockKeyLength(block, second)).isEqualTo(1);
        assertThat(CommandLayout.isBlockKeyBinary(block, second)).isFalse();
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
