package dev.skillwarden.cli;

import dev.skillwarden.catalog.CatalogBuilder;
import dev.skillwarden.catalog.CatalogSnapshot;
import dev.skillwarden.identity.Caller;
import dev.skillwarden.identity.Organization;
import dev.skillwarden.lint.CheckoutReader;
import dev.skillwarden.policy.AccessDecision;
import dev.skillwarden.policy.AccessPolicy;
import dev.skillwarden.skill.Skill;
import dev.skillwarden.skill.SkillParser;
import dev.skillwarden.text.InvalidTextException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/// The skills of a checkout, as a daemon would serve them: what authors try before a pull request.
record LocalCatalog(CatalogSnapshot snapshot, Optional<Organization> organization) {
  /// @param organization file to read instead of the repository's own
  static LocalCatalog read(Path top, Optional<Path> organization)
      throws IOException, InvalidTextException {
    CatalogSnapshot snapshot =
        CatalogBuilder.tree(
            "checkout", CheckoutReader.files(top, ".claude/skills", SkillParser.MAX_FILE));
    Path own = top.resolve(CheckoutReader.ORGANIZATION);
    Path file = organization.orElse(own);
    if (organization.isEmpty() && !Files.isRegularFile(file)) {
      return new LocalCatalog(snapshot, Optional.empty());
    }
    return new LocalCatalog(
        snapshot, Optional.of(Organization.parse(file.toString(), Files.readAllBytes(file))));
  }

  /// The members, nobody without a file.
  Organization members() {
    return organization.orElseGet(Organization::empty);
  }

  /// Why a caller may not use a skill, empty when he may.
  String whyNot(Caller caller, Skill skill) {
    return AccessPolicy.check(caller, skill, snapshot, members(), InstantSource.system().instant())
            instanceof AccessDecision.Denied denied
        ? denied.reason()
        : "";
  }

  /// Says what a daemon would leave out.
  void tellErrors(PrintWriter err) {
    long errors = snapshot.findings().stream().filter(f -> f.isError()).count();
    if (errors > 0) {
      err.println(
          "%,d findings keep skills out; see them with: skillwarden lint".formatted(errors));
    }
  }
}
