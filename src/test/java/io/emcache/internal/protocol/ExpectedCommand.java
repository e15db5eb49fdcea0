package io.emcache.internal.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.List;

/**
 * A command, and how it is written: word by word from memcached's {@code doc/protocol.txt}, for comparison with the
 * encoders.
 *
 * @param binary for each key of a block whether it is base64
 * @param value its bytes, also if they are sent from elsewhere
 * @param opaque 0 to 65535, or {@link CommandEncoder#NO_OPAQUE}
 */
@SuppressWarnings("ArrayRecordComponent")
record ExpectedCommand(
        int op,
        int options,
        List<String> keys,
        boolean[] binary,
        byte[] value,
        int itemFlags,
        int exptime,
        long cas,
        long extra,
        int opaque) {
    private static final String ITEM = " f c t l h s";

    private boolean has(int option) {
        return (options & option) != 0;
    }

    private String iff(int option, String text) {
        return has(option) ? text : "";
    }

    private boolean quiet() {
        return has(CommandLayout.NO_REPLY) && !has(CommandLayout.EXTERNAL_VALUE);
    }

    private String block() {
        boolean inline = OpCode.carriesData(op) && !has(CommandLayout.EXTERNAL_VALUE);
        return inline ? new String(value, ISO_8859_1) + "\r\n" : "";
    }

    String meta() {
        String key = keys.isEmpty() ? "" : keys.getFirst();
        String base64 = iff(CommandLayout.BINARY_KEY, " b");
        String mark = opaque == CommandEncoder.NO_OPAQUE ? "" : String.format(" O%04x", opaque);
        String end = (quiet() ? " q" : "") + mark + "\r\n" + block() + (quiet() ? "mn\r\n" : "");
        return switch (op) {
            case OpCode.GET, OpCode.GET_ITEM, OpCode.GAT, OpCode.GAT_ITEM, OpCode.LEASE ->
                "mg " + key + base64 + " k v" + timesAndItem() + mark + "\r\n";
            case OpCode.TOUCH -> "mg " + key + base64 + " T" + exptime + " k" + end;
            case OpCode.SET, OpCode.ADD, OpCode.REPLACE, OpCode.CAS, OpCode.APPEND, OpCode.PREPEND ->
                "ms " + key + " " + value.length + storeFlags() + casFlags() + base64 + end;
            case OpCode.DELETE -> "md " + key + casFlags() + base64 + end;
            case OpCode.INVALIDATE ->
                "md " + key + " I" + iff(CommandLayout.NEW_EXPTIME, " T" + exptime)
                        + iff(CommandLayout.DROP_VALUE, " x") + casFlags() + base64 + end;
            case OpCode.INCREMENT, OpCode.DECREMENT ->
                "ma " + key + (op == OpCode.DECREMENT ? " MD" : "") + " D" + Long.toUnsignedString(cas)
                        + iff(CommandLayout.CREATE, " N" + exptime + " J" + Long.toUnsignedString(extra))
                        + iff(CommandLayout.NEW_EXPTIME, " T" + exptime) + base64 + (quiet() ? "" : " v") + end;
            case OpCode.META_DEBUG -> "me " + key + base64 + "\r\n";
            case OpCode.NOOP -> "mn\r\n";
            case OpCode.GET_MANY, OpCode.GET_ITEM_MANY, OpCode.GAT_MANY, OpCode.GAT_ITEM_MANY -> quietGets();
            default -> admin();
        };
    }

    private String quietGets() {
        StringBuilder gets = new StringBuilder();
        for (int i = 0; i < keys.size(); i++) {
            gets.append("mg ").append(keys.get(i)).append(binary[i] ? " b" : "");
            gets.append(timesAndItem()).append(" k v q\r\n");
        }
        return gets.append("mn\r\n").toString();
    }

    private String timesAndItem() {
        String time = OpCode.givesExptime(op) ? " T" + exptime : "";
        String lease = op == OpCode.LEASE ? " N" + exptime + (itemFlags > 0 ? " R" + itemFlags : "") : "";
        return time + (OpCode.wantsItem(op) ? ITEM : "") + lease;
    }

    private String storeFlags() {
        String flags = itemFlags == 0 ? "" : " F" + Integer.toUnsignedString(itemFlags);
        String time = exptime == 0 ? "" : " T" + exptime;
        String make = iff(CommandLayout.CREATE, " N" + exptime);
        return switch (op) {
            case OpCode.APPEND -> " MA" + make + flags;
            case OpCode.PREPEND -> " MP" + make + flags;
            case OpCode.ADD -> time + flags + " ME";
            case OpCode.REPLACE -> time + flags + " MR";
            default -> time + flags;
        };
    }

    private String casFlags() {
        boolean compare = op == OpCode.CAS || has(CommandLayout.COMPARE_CAS);
        return (compare ? " C" + Long.toUnsignedString(cas) : "")
                + iff(CommandLayout.GIVE_CAS, " E" + Long.toUnsignedString(extra));
    }

    String classic() {
        String end = (quiet() ? " noreply" : "") + "\r\n" + block() + (quiet() ? "version\r\n" : "");
        String key = keys.isEmpty() ? "" : keys.getFirst();
        return switch (op) {
            case OpCode.GET, OpCode.GET_MANY -> "get " + String.join(" ", keys) + "\r\n";
            case OpCode.GET_ITEM, OpCode.GET_ITEM_MANY -> "gets " + String.join(" ", keys) + "\r\n";
            case OpCode.GAT, OpCode.GAT_MANY -> "gat " + exptime + " " + String.join(" ", keys) + "\r\n";
            case OpCode.GAT_ITEM, OpCode.GAT_ITEM_MANY -> "gats " + exptime + " " + String.join(" ", keys) + "\r\n";
            case OpCode.SET -> "set " + stored() + end;
            case OpCode.ADD -> "add " + stored() + end;
            case OpCode.REPLACE -> "replace " + stored() + end;
            case OpCode.APPEND -> "append " + stored() + end;
            case OpCode.PREPEND -> "prepend " + stored() + end;
            case OpCode.CAS -> "cas " + stored() + " " + Long.toUnsignedString(cas) + end;
            case OpCode.DELETE -> "delete " + key + end;
            case OpCode.TOUCH -> "touch " + key + " " + exptime + end;
            case OpCode.INCREMENT -> "incr " + key + " " + Long.toUnsignedString(cas) + end;
            case OpCode.DECREMENT -> "decr " + key + " " + Long.toUnsignedString(cas) + end;
            case OpCode.NOOP -> "version\r\n";
            default -> admin();
        };
    }

    private String stored() {
        return keys.getFirst() + " " + Integer.toUnsignedString(itemFlags) + " " + exptime + " " + value.length;
    }

    private String admin() {
        String number = " " + Long.toUnsignedString(cas) + "\r\n";
        return switch (op) {
            case OpCode.VERSION -> "version\r\n";
            case OpCode.STATS -> "stats " + keys.getFirst() + "\r\n";
            case OpCode.STATS_RESET -> "stats reset\r\n";
            case OpCode.FLUSH_ALL -> "flush_all" + number;
            case OpCode.VERBOSITY -> "verbosity" + number;
            case OpCode.CACHE_MEMLIMIT -> "cache_memlimit" + number;
            default -> throw new AssertionError("op " + op);
        };
    }
}
