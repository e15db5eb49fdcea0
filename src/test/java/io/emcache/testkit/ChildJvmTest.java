package io.emcache.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ChildJvmTest {
    static final class Main {
        public static void main(String[] args) throws InterruptedException {
            System.out.print("out " + System.getProperty("child.property") + " " + String.join(",", args));
            System.err.print("err");
            if (args.length == 0) {
                Thread.sleep(Duration.ofMinutes(5));
            }
            System.exit(7);
        }
    }

    static final class Quiet {
        public static void main(String[] args) {}
    }

    @Test
    void resultHoldsExitCodeAndBothOutputs() {
        ChildJvm.Result result = ChildJvm.run(Main.class, List.of("-Dchild.property=set"), "a", "b");
        assertThat(result).isEqualTo(new ChildJvm.Result(7, "out set a,b", "err"));
    }

    @Test
    void quietMainLeavesNothingOnStderr() {
        assertThat(ChildJvm.run(Quiet.class, List.of())).isEqualTo(new ChildJvm.Result(0, "", ""));
    }

    @Test
    void warningOfTheJvmIsOnStderr() {
        ChildJvm.Result result = ChildJvm.run(Quiet.class, List.of("--enable-native-access=no.such.module"));
        assertThat(result.stderr()).contains("WARNING");
    }

    @Test
    void childThatHangsIsEndedAndReported() {
        assertThatThrownBy(() -> ChildJvm.run(Duration.ofSeconds(1), Main.class, List.of()))
                .isInstanceOf(AssertionError.class)
                .hasMessageContainingAll("did not end", "stdout=", "stderr=");
    }
}
