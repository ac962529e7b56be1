package dev.skillwarden.gate;

import dev.skillwarden.policy.PolicyFile;
import dev.skillwarden.policy.ToolPolicy;
import java.util.Optional;

/// The policy that decides right now.
///
/// @param tools empty when no policy is in force: then everything is denied
/// @param file the settings the policy was made from
/// @param version shown in the journal: the file's version and the first digits of its digest
/// @param alarm what is wrong, when the policy in force is not the one on disk; empty otherwise
public record PolicyInForce(
    Optional<ToolPolicy> tools, PolicyFile file, String version, String alarm) {}
