package io.emcache;

import static io.emcache.testkit.FuzzInput.require;

import java.nio.charset.StandardCharsets;

/**
 * Fuzz target: any text as an address. It is an address, which is the same when it is printed and read again, or an
 * {@link IllegalArgumentException} with one line of printable text.
 */
final class NodeAddressFuzz {
    private NodeAddressFuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        NodeAddress address;
        try {
            address = NodeAddress.parse(text);
        } catch (IllegalArgumentException e) {
            OptionsFuzz.requireHarmless(e);
            return;
        }
        require(NodeAddress.parse(address.toString()).equals(address), "printed and read again: another");
        require(!address.identity().isEmpty(), "no identity");
        require(address.isUnix() == (address.host() == null), "both host and path, or neither");
        require(address.isUnix() || (address.port() >= 1 && address.port() <= 65535), "no port");
    }
}
