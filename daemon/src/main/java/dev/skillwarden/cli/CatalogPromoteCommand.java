package dev.skillwarden.cli;

import dev.skillwarden.registry.CatalogEdit;
import dev.skillwarden.registry.Channels;
import dev.skillwarden.registry.Channels.Action;
import dev.skillwarden.registry.Channels.Channel;
import dev.skillwarden.registry.RegistryException;
import dev.skillwarden.repo.LocalGit;
import dev.skillwarden.skill.SkillId;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "promote",
    mixinStandardHelpOptions = true,
    description = {
      "Takes releases over from one channel to another.",
      "Refused are pre-releases, yanked ones, those younger than --min-age, and those whose",
      "dependencies the target cannot satisfy."
    })
final class CatalogPromoteCommand extends CatalogVerb {
  private static final Pattern AGE = Pattern.compile("(\\d{1,6})([dhm])");

  @Option(names = "--from", defaultValue = "latest", description = "Default: latest.")
  private String from = "latest";

  @Option(names = "--to", defaultValue = "stable", description = "Default: stable.")
  private String to = "stable";

  @Option(names = "--skill", paramLabel = "TEAM/NAME", description = "Only this skill.")
  private Optional<String> skill = Optional.empty();

  @Option(
      names = "--min-age",
      paramLabel = "AGE",
      defaultValue = "0d",
      description = "Youngest release taken over, such as 7d or 12h (default: any).")
  private String minAge = "0d";

  @Override
  int run(LocalGit git, Channels channels) throws IOException, RegistryException {
    Optional<SkillId> only = skill.map(SkillId::parse);
    Channel target = channels.open(to);
    CatalogEdit.Promoted promoted =
        new CatalogEdit(git, channels)
            .promote(
                channels.catalog(from).catalog(),
                target.catalog(),
                only,
                age(minAge),
                InstantSource.system().instant());
    promoted
        .held()
        .forEach((release, why) -> err().println("held back: %s %s".formatted(release, why)));
    if (promoted.promoted().isEmpty() && !promoted.held().isEmpty()) {
      return ExitCode.REFUSED;
    }
    return commit(
        git,
        channels,
        target,
        promoted.catalog(),
        new Action(
            "promote",
            "Promote %s from %s to %s"
                .formatted(
                    only.map(SkillId::toString).orElse(promoted.promoted().size() + " releases"),
                    from,
                    to),
            trailers("Skill", skill.orElse(""), "From", from, "To", to)));
  }

  private static Duration age(String text) {
    Matcher matcher = AGE.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "--min-age wants a time such as 7d or 12h, found '" + text + "'");
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "d" -> Duration.ofDays(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofMinutes(amount);
    };
  }
}
