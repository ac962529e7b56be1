package dev.skillwarden.catalog;

import dev.skillwarden.skill.SkillId;
import java.time.LocalDate;
import java.util.Optional;

/// A skill that is not served any more. Its bytes stay in git.
///
/// @param on date on which it was archived
/// @param reason one line, may be empty
/// @param replacement what to use instead
public record Archive(LocalDate on, String reason, Optional<SkillId> replacement) {}
