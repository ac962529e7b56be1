package dev.skillwarden.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.skillwarden.skill.AccessLevel;
import dev.skillwarden.text.InvalidTextException;
import dev.skillwarden.text.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

class SkillImportTest {
  private static final SkillImport IMPORT =
      new SkillImport("team", AccessLevel.TEAM, List.of("leads"));

  private static SkillImport.Imported convert(String text) {
    return IMPORT.convert("my-skill", text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void writesOurLayoutAndTellsEveryChange() {
    SkillImport.Imported imported =
        convert(
            """
            ---
            name: My Skill!
            description: |
              Checks "orders"
              and returns.
            version: v1.2
            keywords: Orders, re/turns
            allowed-tools: Read
            ---
            Do it.
            """);
    assertEquals(
        """
        ---
        name: team/my-skill
        version: 1.2.0
        description: "Checks \\"orders\\" and returns."
        tags: [orders, re-turns]
        access_level: team
        owners: ["leads"]
        ---
        Do it.
        """,
        imported.content());
    assertEquals(
        List.of(
            "name: 'My Skill!' became 'my-skill'",
            "version: 'v1.2' became 1.2.0",
            "access_level: team",
            "dropped keys: allowed-tools"),
        imported.notes());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "no fences|not imported: there is no frontmatter between two lines ---",
        "---~name: x~---~Text|not imported: there is no description",
        "---~description: d~---~|not imported: there are no instructions",
        "---~[]~---~Text|not imported: the frontmatter holds no keys",
        "---~description: d~description: e~---~Text|not imported: SKILL.md:3:1: duplicate key"
            + " 'description', first on line 2; keep one",
        "---~description: D\u202Ed~---~Text|not imported: SK055: holds the invisible character"
            + " U+202E",
      })
  void whatLintWouldRefuseIsNotImported(String text, String note) {
    SkillImport.Imported imported = convert(text.replace('~', '\n'));
    assertEquals(note, imported.notes().getLast());
    assertTrue(imported.id().isEmpty() && imported.content().isEmpty());
  }

  @Test
  void aLongDescriptionEndsAtASentence() {
    String sentence = "It checks the order and the return of the customer. ";
    SkillImport.Imported imported =
        convert("---\nname: my-skill\ndescription: " + sentence.repeat(40) + "\n---\nText\n");
    assertTrue(imported.content().contains("of the customer.\"\n"), imported.content());
    assertTrue(
        imported.notes().contains("description: cut from 2,079 to 987 characters"),
        imported.notes().toString());
  }

  /// Every public skill with a frontmatter that can be read becomes one that lint takes. The texts
  /// belong to others: they are read from `-Dskillwarden.corpora=DIR`.
  @Test
  void realSkillsAreImported() throws IOException, InvalidTextException {
    String corpora = System.getProperty("skillwarden.corpora", "");
    assumeTrue(
        !corpora.isEmpty(), "no -Dskillwarden.corpora=DIR: the texts are not in the project");
    int all = 0;
    int imported = 0;
    TreeMap<String, Integer> refused = new TreeMap<>();
    try (InputStream file =
            Files.newInputStream(Path.of(corpora, "skills/skills-corpus.jsonl.gz"));
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(new GZIPInputStream(file), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        all++;
        SkillImport.Imported result = IMPORT.convert("skill", skill(Json.parse("corpus", line)));
        if (result.id().isPresent()) {
          imported++;
        } else {
          refused.merge(result.notes().getLast().replaceAll("[0-9]+", "n"), 1, Integer::sum);
        }
      }
    }
    System.out.printf("%d of %d imported, refused: %s%n", imported, all, refused);
    assertTrue(imported >= all * 0.99, "%d of %d: %s".formatted(imported, all, refused));
  }

  private static byte[] skill(JsonNode node) {
    StringBuilder text = new StringBuilder("---\n");
    for (String key : List.of("name", "description", "version")) {
      if (node.path(key).isString()) {
        text.append(key).append(": ").append(Json.write(node.path(key))).append('\n');
      }
    }
    if (!node.path("tags").isEmpty()) {
      text.append("tags: ").append(Json.write(node.path("tags"))).append('\n');
    }
    text.append("---\n").append(node.path("body").asString(""));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
