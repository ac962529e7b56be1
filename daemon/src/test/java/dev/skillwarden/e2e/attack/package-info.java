/// The real client under attack: what a hostile user, prompt or process on the machine does, and
/// whether a forbidden call still ends denied. Results become the table in docs/security.md.
@org.jspecify.annotations.NullMarked
package dev.skillwarden.e2e.attack;
