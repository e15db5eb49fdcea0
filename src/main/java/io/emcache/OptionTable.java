package io.emcache;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ForkJoinPool;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Name, text form and secrecy of each setting: one table for URIs, properties and {@code toString}. Stateless. */
final class OptionTable {
    static final String NODES = "nodes";

    private static final String MASK = "***";

    static final List<Setting> SETTINGS = List.of(
            setting(NODES, (b, text) -> b.nodes(parseNodes(List.of(parseList(text)))), ClientOptions::nodes),
            duration("timeout", ClientOptions.Builder::timeout, ClientOptions::timeout),
            duration("connectionTimeout", ClientOptions.Builder::connectionTimeout, ClientOptions::connectionTimeout),
            number("minConnections", ClientOptions.Builder::minConnections, ClientOptions::minConnections),
            number("maxConnections", ClientOptions.Builder::maxConnections, ClientOptions::maxConnections),
            duration(
                    "purgeUnusedConnectionsAfter",
                    ClientOptions.Builder::purgeUnusedConnectionsAfter,
                    ClientOptions::purgeUnusedConnectionsAfter),
            flag("purgeUnhealthyNodes", ClientOptions.Builder::purgeUnhealthyNodes, ClientOptions::purgeUnhealthyNodes),
            number(
                    "maxInFlightPerConnection",
                    ClientOptions.Builder::maxInFlightPerConnection,
                    ClientOptions::maxInFlightPerConnection),
            size("ringBytes", ClientOptions.Builder::ringBytes, ClientOptions::ringBytes),
            number("maxQueuedPerNode", ClientOptions.Builder::maxQueuedPerNode, ClientOptions::maxQueuedPerNode),
            setting(
                    "maxQueuedBytesPerNode",
                    (b, text) -> b.maxQueuedBytesPerNode(parseSize(text)),
                    ClientOptions::maxQueuedBytesPerNode),
            size("largestValueRead", ClientOptions.Builder::largestValueRead, ClientOptions::largestValueRead),
            size("itemSizeLimit", ClientOptions.Builder::itemSizeLimit, ClientOptions::itemSizeLimit),
            duration("heartbeatInterval", ClientOptions.Builder::heartbeatInterval, ClientOptions::heartbeatInterval),
            number("eventLoops", ClientOptions.Builder::eventLoops, ClientOptions::eventLoops),
            choice("locator", Locator.class, ClientOptions.Builder::locator, ClientOptions::locator),
            object("customLocator", o -> o.customLocator() == null),
            choice(
                    "autodiscovery",
                    Autodiscovery.class,
                    ClientOptions.Builder::autodiscovery,
                    ClientOptions::autodiscovery),
            object("discovery", o -> o.discovery() == null),
            duration(
                    "autodiscoveryPollInterval",
                    ClientOptions.Builder::autodiscoveryPollInterval,
                    ClientOptions::autodiscoveryPollInterval),
            duration(
                    "autodiscoveryTimeout",
                    ClientOptions.Builder::autodiscoveryTimeout,
                    ClientOptions::autodiscoveryTimeout),
            new Setting(
                    OptionText.TLS,
                    false,
                    (t, text) -> t.encrypted(parseBoolean(text)),
                    o -> Objects.requireNonNullElse(o.tls(), "off")),
            new Setting("credentials", false, null, o -> o.credentials() == null ? "none" : MASK),
            flag("forceClassic", ClientOptions.Builder::forceClassic, ClientOptions::forceClassic),
            flag("hashLongKeys", ClientOptions.Builder::hashLongKeys, ClientOptions::hashLongKeys),
            setting("driver", (b, text) -> b.driver(parseDriver(text)), ClientOptions::driver),
            object("nanoClock", o -> o.nanoClock() == ClientOptions.Builder.DEFAULT_NANO_CLOCK),
            object("wallClock", o -> o.wallClock() == ClientOptions.Builder.DEFAULT_WALL_CLOCK),
            object("completionExecutor", o -> o.completionExecutor() == ForkJoinPool.commonPool()));

    /** Written in URIs and properties for several settings at once or for a part of one, so there is no value to print. */
    private static final List<Setting> TEXTS = List.of(
            number("connections", ClientOptions.Builder::connections, ClientOptions::maxConnections),
            text("ca", (t, text) -> t.tls("ca").ca(parsePath(text))),
            text(OptionText.CERTIFICATE, (t, text) -> t.certificate(parsePath(text))),
            text(OptionText.KEY, (t, text) -> t.key(parsePath(text))),
            text("pkcs12", (t, text) -> t.tls("pkcs12").pkcs12(parsePath(text))),
            text(OptionText.KEY_PASSWORD_FILE, (t, text) -> t.keyPasswordFile(parsePath(text))),
            text(OptionText.KEY_PASSWORD_ENV, OptionText::keyPasswordEnv),
            text("verify", (t, text) -> t.tls("verify").verify(parseBoolean(text))),
            text("verifyHostname", (t, text) -> t.tls("verifyHostname").verifyHostname(parseBoolean(text))),
            text("systemAuthorities", (t, text) -> t.tls("systemAuthorities").systemAuthorities(parseBoolean(text))),
            text("tlsProtocols", (t, text) -> t.tls("tlsProtocols").protocols(parseList(text))),
            text(OptionText.USERNAME, OptionText::username),
            text(OptionText.PASSWORD_FILE, (t, text) -> t.passwordFile(parsePath(text))),
            text(OptionText.PASSWORD_ENV, OptionText::passwordEnv),
            new Setting(OptionText.PASSWORD, true, OptionText::password, options -> MASK));

    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,18})([kmg]?)");

    private OptionTable() {}

    /** Returns the setting that has a text form and this name, or null. */
    static @Nullable Setting find(String name) {
        return texts().filter(setting -> setting.name.equals(name)).findFirst().orElse(null);
    }

    static String textNames() {
        return texts().map(Setting::name).collect(Collectors.joining(", "));
    }

    private static Stream<Setting> texts() {
        return Stream.concat(SETTINGS.stream(), TEXTS.stream()).filter(setting -> setting.parser != null);
    }

    static String describe(ClientOptions options, List<Setting> settings) {
        return settings.stream()
                .map(setting -> setting.name + "=" + (setting.secret ? MASK : setting.reader.apply(options)))
                .collect(Collectors.joining(", ", "ClientOptions[", "]"));
    }

    private static Setting setting(
            String name, BiConsumer<ClientOptions.Builder, String> parser, Function<ClientOptions, Object> reader) {
        return new Setting(name, false, (texts, text) -> parser.accept(texts.builder(), text), reader);
    }

    private static Setting text(String name, BiConsumer<OptionText, String> parser) {
        return new Setting(name, false, parser, options -> "");
    }

    /** An object of the user's: it has no text form, and its own {@code toString} is not ours to print. */
    private static Setting object(String name, Function<ClientOptions, Boolean> isDefault) {
        return new Setting(name, false, null, options -> isDefault.apply(options) ? "default" : "custom");
    }

    private static Setting duration(
            String name, BiConsumer<ClientOptions.Builder, Duration> setter, Function<ClientOptions, Object> reader) {
        return setting(name, (builder, text) -> setter.accept(builder, Durations.parse(text)), reader);
    }

    private static Setting number(
            String name, BiConsumer<ClientOptions.Builder, Integer> setter, Function<ClientOptions, Object> reader) {
        return setting(name, (builder, text) -> setter.accept(builder, toInt(parseNumber(text))), reader);
    }

    private static Setting size(
            String name, BiConsumer<ClientOptions.Builder, Integer> setter, Function<ClientOptions, Object> reader) {
        return setting(name, (builder, text) -> setter.accept(builder, toInt(parseSize(text))), reader);
    }

    private static Setting flag(
            String name, BiConsumer<ClientOptions.Builder, Boolean> setter, Function<ClientOptions, Object> reader) {
        return setting(name, (builder, text) -> setter.accept(builder, parseBoolean(text)), reader);
    }

    /** A constant of an enum, in lower case with hyphens. */
    private static <E extends Enum<E>> Setting choice(
            String name,
            Class<E> type,
            BiConsumer<ClientOptions.Builder, E> setter,
            Function<ClientOptions, E> reader) {
        return setting(
                name,
                (builder, text) -> setter.accept(builder, parseChoice(type, text)),
                options -> textOf(reader.apply(options)));
    }

    private static String textOf(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static <E extends Enum<E>> E parseChoice(Class<E> type, String text) {
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> text.equals(textOf(constant)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("not one of "
                        + Arrays.stream(type.getEnumConstants())
                                .map(OptionTable::textOf)
                                .collect(Collectors.joining(", "))));
    }

    /** Credentials by mistake may hold commas, so they are looked for before any part of the list can be quoted. */
    static List<NodeAddress> parseNodes(List<String> addresses) {
        addresses.stream().filter(address -> address.indexOf('@') >= 0).forEach(NodeAddress::parse);
        return addresses.stream().map(NodeAddress::parse).toList();
    }

    private static String[] parseList(String text) {
        return text.split("\\s*,\\s*", -1);
    }

    private static Path parsePath(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("not a path");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("not a path", e);
        }
    }

    private static long parseNumber(String text) {
        if (!NUMBER.matcher(text).matches()) {
            throw new IllegalArgumentException("not a whole number");
        }
        return Long.parseLong(text);
    }

    private static long parseSize(String text) {
        Matcher matcher = SIZE.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a size such as 4096, 64k, 16m or 1g");
        }
        int shift = switch (matcher.group(2)) {
            case "k" -> 10;
            case "m" -> 20;
            case "g" -> 30;
            default -> 0;
        };
        long amount = Long.parseLong(matcher.group(1));
        if (amount > Long.MAX_VALUE >> shift) {
            throw new IllegalArgumentException("too large");
        }
        return amount << shift;
    }

    private static int toInt(long value) {
        if (value > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("too large");
        }
        return (int) value;
    }

    private static boolean parseBoolean(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("neither true nor false");
        };
    }

    private static Driver parseDriver(String text) {
        if (text.equals(Driver.caller().toString())) {
            return Driver.caller();
        }
        if (text.equals(Driver.invoked().toString())) {
            return Driver.invoked();
        }
        return Arrays.stream(Driver.Idle.values())
                .map(Driver::dedicated)
                .filter(driver -> text.equals(driver.toString()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "not one of caller, invoked, dedicated-spin," + " dedicated-yield, dedicated-backoff"));
    }

    /**
     * One setting.
     *
     * @param name in the builder, in URIs and, after the prefix, in properties
     * @param secret whether its value is kept out of all texts
     * @param parser takes in its text form; null if it has none
     * @param reader gives the value to print
     */
    record Setting(
            String name,
            boolean secret,
            @Nullable BiConsumer<OptionText, String> parser,
            Function<ClientOptions, Object> reader) {}
}
