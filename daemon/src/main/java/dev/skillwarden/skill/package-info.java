/// What a skill is: its id, version, access level, frontmatter, and the findings about it.
@NullMarked
package dev.skillwarden.skill;

import org.jspecify.annotations.NullMarked;
