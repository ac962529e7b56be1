package dev.skillwarden.sync;

import dev.skillwarden.repo.RemoteConfig;

/// What to serve.
///
/// @param sha 40 lower-case hex digits, the pinned commit
public record Target(RemoteConfig remote, String sha) {}
