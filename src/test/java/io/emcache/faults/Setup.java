package io.emcache.faults;

import java.util.stream.Stream;

/** One of the ways in which every fault is tried. Immutable. */
record Setup(Face face, int connections, boolean classic) {
    static Stream<Setup> all() {
        return Stream.of(false, true).flatMap(Setup::ofDialect);
    }

    static Stream<Setup> meta() {
        return ofDialect(false);
    }

    static Stream<Setup> classicOnly() {
        return ofDialect(true);
    }

    /** For what depends on a single connection: every face in both dialects. */
    static Stream<Setup> single() {
        return all().filter(setup -> setup.connections() == 1);
    }

    static Stream<Setup> singleMeta() {
        return single().filter(setup -> !setup.classic());
    }

    static Stream<Setup> singleClassic() {
        return single().filter(Setup::classic);
    }

    private static Stream<Setup> ofDialect(boolean classic) {
        return Stream.of(Face.values())
                .flatMap(face -> Stream.of(1, 2).map(connections -> new Setup(face, connections, classic)));
    }

    String getVerb() {
        return classic ? "get" : "mg";
    }

    String setVerb() {
        return classic ? "set" : "ms";
    }

    String deleteVerb() {
        return classic ? "delete" : "md";
    }

    @Override
    public String toString() {
        return face + ", " + connections + " connections, " + (classic ? "classic" : "meta");
    }
}
