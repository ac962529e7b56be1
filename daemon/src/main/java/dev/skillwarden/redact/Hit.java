package dev.skillwarden.redact;

/// A secret found in a text.
///
/// @param start first character
/// @param end one past the last character
/// @param label what it is, shown in its place
record Hit(int start, int end, String label) {}
