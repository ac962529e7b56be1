/// A machine in namespaces of its own, with the packaged daemon in system mode, several accounts
/// and the real client: what is too long, or needs too much, for every build. Attacks, whose
/// results are the table in docs/security.md, and load.
@org.jspecify.annotations.NullMarked
package dev.skillwarden.e2e.lab;
