package dev.skillwarden.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.skillwarden.skill.SkillId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ElevationsTest {
  private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");

  @TempDir Path directory;

  private static Elevation grant(String account, Optional<String> skill, Duration lasting) {
    return new Elevation(
        "e1", account, "finance", skill, "audit \"Q4\"", "root", NOON, NOON.plus(lasting));
  }

  private Elevations open(Instant now) {
    return Elevations.open(directory.resolve("e.json"), InstantSource.fixed(now));
  }

  @Test
  void survivesARestartUntilItExpires() throws IOException {
    Elevation one = grant("ana", Optional.of("budget-approval"), Duration.ofHours(1));
    Elevation two = grant("ana", Optional.empty(), Duration.ofHours(24));
    Elevations first = open(NOON);
    first.grant(one);
    first.grant(two);
    assertEquals(List.of(one, two), first.of("ana"));
    assertEquals(List.of(one, two), open(NOON.plusSeconds(3599)).of("ana"));
    assertEquals(List.of(two), open(NOON.plusSeconds(3600)).of("ana"));
    assertEquals(List.of(), open(NOON.plus(Duration.ofHours(24))).of("ana"));
    assertEquals(List.of(), first.of("bob"));
  }

  @Test
  void forgetsExpiredGrantsInTheFile() throws IOException {
    open(NOON).grant(grant("ana", Optional.empty(), Duration.ofHours(1)));
    open(NOON.plusSeconds(7200)).grant(grant("bob", Optional.empty(), Duration.ofHours(3)));
    assertEquals(List.of(), open(NOON).of("ana"));
    assertEquals(1, open(NOON).of("bob").size());
  }

  @Test
  void refusesMoreThanADay() {
    Elevations elevations = open(NOON);
    Elevation long_ = grant("ana", Optional.empty(), Duration.ofHours(24).plusMillis(1));
    assertThrows(IllegalArgumentException.class, () -> elevations.grant(long_));
    assertEquals(List.of(), elevations.of("ana"));
  }

  @Test
  void isNotInForceWhenItCannotBeKept() {
    Elevations elevations =
        Elevations.open(directory.resolve("missing/e.json"), InstantSource.fixed(NOON));
    assertThrows(
        IOException.class,
        () -> elevations.grant(grant("ana", Optional.empty(), Duration.ofHours(1))));
    assertEquals(List.of(), elevations.of("ana"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[",
        "{}",
        "[1]",
        "[{\"id\":\"e\"}]",
        "\u0000",
        "[{\"account\":\"ana\",\"team\":\"finance\",\"reason\":\"r\",\"granted\":\"2026-01-02T11:00:00Z\",\"expires\":\"never\"}]"
      })
  void grantsNothingFromADamagedFile(String content) throws IOException {
    Files.writeString(directory.resolve("e.json"), content);
    assertEquals(List.of(), open(NOON).of("ana"));
  }

  @ParameterizedTest
  @CsvSource({
    "finance/budget-approval, 0, true",
    "finance/budget-approval, 3599, true",
    "finance/budget-approval, 3600, false",
    "finance/other, 0, false",
    "data/budget-approval, 0, false"
  })
  void coversItsSkillWhileItLasts(String skill, long seconds, boolean covered) {
    Elevation elevation = grant("ana", Optional.of("budget-approval"), Duration.ofHours(1));
    assertEquals(covered, elevation.covers(SkillId.parse(skill), NOON.plusSeconds(seconds)));
  }

  @Test
  void coversTheWholeTeamWithoutASkill() {
    Elevation elevation = grant("ana", Optional.empty(), Duration.ofHours(1));
    assertEquals(true, elevation.covers(SkillId.parse("finance/any"), NOON));
    assertEquals(false, elevation.covers(SkillId.parse("data/any"), NOON));
  }
}
