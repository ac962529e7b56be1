package dev.skillwarden.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.skillwarden.effect.Effect;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ServicePacksTest {
  private static final Set<Rule> SERVICES = Set.of(Rule.DB_DESTRUCTION, Rule.INFRA_DESTRUCTION);

  static Stream<Arguments> cases() throws IOException {
    try (InputStream in = ServicePacksTest.class.getResourceAsStream("/policy/service-cases.tsv")) {
      if (in == null) {
        throw new IOException("service-cases.tsv is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(l -> !l.startsWith("#"))
              .map(l -> l.split("\t", -1))
              .map(f -> Arguments.of(f[0], f[1].replace("\\n", "\n")))
              .toList()
              .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void judgesServices(String expected, String command) {
    String rule = decide(command, EnumSet.allOf(Effect.Pack.class)).rule();
    boolean service = SERVICES.stream().anyMatch(r -> r.id().equals(rule));
    assertEquals(expected, service ? rule : "-");
  }

  @Test
  void aPackThatIsOffSaysNothing() {
    assertEquals("", decide("terraform destroy", Set.of(Effect.Pack.DATABASE)).rule());
    assertEquals("", decide("dropdb app", Set.of()).rule());
    assertEquals("db-destruction", decide("dropdb app", Set.of(Effect.Pack.DATABASE)).rule());
  }

  private static ToolDecision decide(String command, Set<Effect.Pack> packs) {
    return TestCalls.bash(PolicyFile.defaults().with(packs), command);
  }
}
