package io.emcache;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.equivalentTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.ObjectInput;
import java.io.ObjectOutput;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may import whom, and which outside types stay behind which package. */
final class ArchitectureTest {
    private static final String API = "io.emcache";
    private static final String SPI = "io.emcache.spi..";
    private static final String INTERNAL = "io.emcache.internal..";
    private static final String TRANSPORT = room("transport");
    private static final String MEMORY = room("memory");
    private static final String TELEMETRY = room("telemetry");

    /** Each may import what stands to its right. */
    private static final List<String> ROOMS = List.of("client", "cluster", "transport", "protocol", "memory");

    private static final JavaClasses MAIN_CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(API);

    @Test
    void mainClassesAreRead() {
        assertThat(MAIN_CLASSES.contain(StoreResult.class)).isTrue();
        assertThat(MAIN_CLASSES.contain(ArchitectureTest.class)).isFalse();
    }

    @Test
    void everyClassHasAPlace() {
        List<String> places = new ArrayList<>(List.of(API, SPI, TELEMETRY));
        ROOMS.forEach(name -> places.add(room(name)));
        holds(classes().should().resideInAnyPackage(places.toArray(String[]::new)));
    }

    @Test
    void apiHasOneDoorInward() {
        holds(noClasses()
                .that()
                .resideInAPackage(API)
                .should()
                .dependOnClassesThat(
                        resideInAPackage(INTERNAL).and(not(name("io.emcache.internal.client.ClientFactory")))));
    }

    @Test
    void nothingIsFlushedButUnderAdmin() {
        holds(methods()
                .that()
                .haveNameMatching("(?i).*flush.*")
                .and()
                .arePublic()
                .and()
                .areDeclaredInClassesThat()
                .resideInAPackage(API)
                .should()
                .beDeclaredInClassesThat()
                .belongToAnyOf(AdminClient.class, NodeAdmin.class));
    }

    @Test
    void spiHasNoDoorInward() {
        holds(noClasses().that().resideInAPackage(SPI).should().dependOnClassesThat(resideInAPackage(INTERNAL)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cluster", "transport", "protocol", "memory"})
    void importsPointToTheRight(String room) {
        String[] left = ROOMS.subList(0, ROOMS.indexOf(room)).stream()
                .map(ArchitectureTest::room)
                .toArray(String[]::new);
        holds(noClasses().that().resideInAPackage(room(room)).should().dependOnClassesThat(resideInAnyPackage(left)));
    }

    @Test
    void telemetryImportsNoOtherRoom() {
        holds(noClasses()
                .that()
                .resideInAPackage(TELEMETRY)
                .should()
                .dependOnClassesThat(resideInAPackage(INTERNAL).and(not(resideInAPackage(TELEMETRY)))));
    }

    @Test
    void agronaStaysInTransportAndTelemetry() {
        holds(onlyIn(resideInAnyPackage(TRANSPORT, TELEMETRY), resideInAPackage("org.agrona..")));
    }

    @Test
    void channelsStayInTransport() {
        holds(onlyIn(resideInAPackage(TRANSPORT), resideInAPackage("java.nio.channels..")));
    }

    @Test
    void tlsStaysInTransport() {
        DescribedPredicate<JavaClass> tls = resideInAPackage("javax.net.ssl..");
        holds(onlyIn(resideInAnyPackage(TRANSPORT, API), tls));
        holds(noClasses()
                .that()
                .resideInAPackage(API)
                .should()
                .dependOnClassesThat(tls.and(not(equivalentTo(SSLContext.class)))));
    }

    @Test
    void nativeAccessAndArenasStayInMemory() {
        holds(onlyIn(
                resideInAPackage(MEMORY),
                belongTo(equivalentTo(Linker.class))
                        .or(equivalentTo(SymbolLookup.class))
                        .or(equivalentTo(Arena.class))));
    }

    @Test
    void nothingIsPrinted() {
        holds(NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS);
    }

    @Test
    void loggingIsSlf4j() {
        holds(NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING);
    }

    @Test
    void nothingIsSerialized() {
        holds(noClasses()
                .should()
                .dependOnClassesThat(assignableTo(ObjectInput.class).or(assignableTo(ObjectOutput.class))));
    }

    private static String room(String name) {
        return "io.emcache.internal." + name + "..";
    }

    private static ArchRule onlyIn(DescribedPredicate<JavaClass> home, DescribedPredicate<JavaClass> types) {
        return noClasses().that(not(home)).should().dependOnClassesThat(types);
    }

    private static void holds(ArchRule rule) {
        rule.allowEmptyShould(true).check(MAIN_CLASSES);
    }
}
