package io.emcache.internal.memory;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Loads the native library once, or settles for its Java twin, and knows why. Safe for all threads. Whatever is missing or forbidden ends in
 * the twin, never in an exception, and never in a warning of the JDK unless native access was forced.
 */
public final class NativeLibrary {

    /**
     * System property: {@code auto} (the default) uses the native library where native access is enabled for this module, {@code force} also
     * where it is not, {@code off} never.
     */
    public static final String MODE_PROPERTY = "io.emcache.native";

    /** System property: a directory that holds {@code libemcache.so} (or {@code .dylib}), to be used instead of the one in the jar. */
    public static final String DIRECTORY_PROPERTY = "io.emcache.native.dir";

    static final String AUTO = "auto";
    static final String FORCE = "force";
    static final String OFF = "off";

    private static final String RESOURCE_ROOT = "/io/emcache/native/";
    private static final String VERSION_FUNCTION = "emcache_abi_version";

    private NativeLibrary() {}

    static KeyHashing keyHashing() {
        return Chosen.OUTCOME.hashing();
    }

    static String describe() {
        return Chosen.OUTCOME.explanation();
    }

    /** What decides, as read from this process or made up by a test. */
    record Settings(
            String mode,
            boolean nativeAccess,
            @Nullable Path directory,
            @Nullable String platform,
            String resourceRoot,
            Path extractionParent) {

        static Settings ofThisProcess() {
            String directory = System.getProperty(DIRECTORY_PROPERTY);
            return new Settings(
                    System.getProperty(MODE_PROPERTY, AUTO),
                    NativeLibrary.class.getModule().isNativeAccessEnabled(),
                    directory == null ? null : Path.of(directory).toAbsolutePath(),
                    platformOf(System.getProperty("os.name", ""), System.getProperty("os.arch", "")),
                    RESOURCE_ROOT,
                    Path.of(System.getProperty("java.io.tmpdir", "/tmp")));
        }
    }

    /** The implementation and the sentence that tells why. */
    record Outcome(KeyHashing hashing, String explanation) {}

    static Outcome load(Settings settings) {
        String refusal = refusal(settings);
        if (refusal != null) {
            return java(refusal);
        }
        String platform = settings.platform();
        if (platform == null) {
            return java("no native library for this platform");
        }
        try {
            Path library = locate(settings, platform);
            int version = abiVersion(library);
            if (version != EmcacheNative.EMCACHE_ABI_VERSION()) {
                return java(library + " has version " + version + " of the interface, not "
                        + EmcacheNative.EMCACHE_ABI_VERSION());
            }
            return loadNative(library);
        } catch (Throwable e) { // whatever happened, the twin works
            return java("the native library cannot be used: " + rootCause(e));
        }
    }

    static @Nullable String platformOf(String osName, String osArch) {
        String os = osName.toLowerCase(Locale.ROOT);
        String arch = osArch.toLowerCase(Locale.ROOT);
        if (arch.equals("amd64")) {
            arch = "x86_64";
        }
        if (os.startsWith("linux") && (arch.equals("x86_64") || arch.equals("aarch64"))) {
            return "linux-" + arch;
        }
        return os.startsWith("mac") && arch.equals("aarch64") ? "darwin-aarch64" : null;
    }

    private static @Nullable String refusal(Settings settings) {
        if (settings.mode().equals(OFF)) {
            return "switched off by -D" + MODE_PROPERTY + "=" + OFF;
        }
        if (!settings.mode().equals(AUTO) && !settings.mode().equals(FORCE)) {
            return "-D" + MODE_PROPERTY + "=" + settings.mode() + " is none of " + AUTO + ", " + FORCE + ", " + OFF;
        }
        if (!settings.nativeAccess() && settings.mode().equals(AUTO)) {
            return "for the native library add the JVM flag " + flag();
        }
        return null;
    }

    static String flag() {
        Module module = NativeLibrary.class.getModule();
        return "--enable-native-access=" + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
    }

    private static Path locate(Settings settings, String platform) throws IOException {
        String fileName = platform.startsWith("darwin") ? "libemcache.dylib" : "libemcache.so";
        Path directory = settings.directory();
        if (directory != null) {
            Path library = directory.resolve(fileName);
            if (!Files.isRegularFile(library)) {
                throw new IOException("no file " + library);
            }
            return library;
        }
        String resource = settings.resourceRoot() + platform + "/" + fileName;
        try (InputStream in = NativeLibrary.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IOException("no resource " + resource);
            }
            return NativeExtraction.extract(in.readAllBytes(), fileName, settings.extractionParent());
        }
    }

    /** Asks the file itself, before it is loaded for good: a loaded library cannot be unloaded and would answer for others. */
    @SuppressWarnings("restricted")
    private static int abiVersion(Path library) throws Throwable {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment address = SymbolLookup.libraryLookup(library, arena).findOrThrow(VERSION_FUNCTION);
            return (int) Linker.nativeLinker()
                    .downcallHandle(address, FunctionDescriptor.of(ValueLayout.JAVA_INT))
                    .invokeExact();
        }
    }

    @SuppressWarnings("restricted")
    private static Outcome loadNative(Path library) {
        System.load(library.toString());
        return new Outcome(NativeKeyHashing.INSTANCE, "keys are hashed by " + library);
    }

    private static Outcome java(String reason) {
        return new Outcome(JavaKeyHashing.INSTANCE, "keys are hashed in Java: " + reason);
    }

    private static Throwable rootCause(Throwable e) {
        Throwable root = e;
        for (Throwable cause = e.getCause(); cause != null && cause != root; cause = cause.getCause()) {
            root = cause;
        }
        return root;
    }

    private static final class Chosen {
        static final Outcome OUTCOME = load(Settings.ofThisProcess());
    }
}
