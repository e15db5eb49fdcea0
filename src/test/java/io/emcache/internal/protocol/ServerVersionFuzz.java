package io.emcache.internal.protocol;

import static io.emcache.testkit.FuzzInput.require;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Fuzz target: any text is a version, and the right one. */
final class ServerVersionFuzz {
    private static final Pattern NUMBERS =
            Pattern.compile("([0-9]{1,9})\\.([0-9]{1,9})\\.([0-9]{1,9})(?![0-9]).*", Pattern.DOTALL);

    private ServerVersionFuzz() {}

    /** Called by the fuzzer. */
    public static void fuzzerTestOneInput(byte[] data) {
        String text = new String(data, StandardCharsets.UTF_8);
        ServerVersion version = ServerVersion.parse(text);
        Matcher matcher = NUMBERS.matcher(text);
        boolean numbers = matcher.matches();
        int major = numbers ? Integer.parseInt(matcher.group(1)) : 0;
        int minor = numbers ? Integer.parseInt(matcher.group(2)) : 0;
        int patch = numbers ? Integer.parseInt(matcher.group(3)) : 0;
        require(version.equals(new ServerVersion(major, minor, patch, text)), "read as " + version);
        require(version.isAtLeast(major, minor, patch), "older than itself");
        require(!version.isAtLeast(major, minor, patch + 1), "newer than itself");
        require(!version.isAtLeast(major, minor + 1, 0), "newer than itself");
        require(!version.isAtLeast(major + 1, 0, 0), "newer than itself");
        boolean meta = major > 1 || (major == 1 && (minor > 6 || (minor == 6 && patch >= 10)));
        require((version.dialect() == Dialect.META) == meta, "spoken to in " + version.dialect());
    }
}
