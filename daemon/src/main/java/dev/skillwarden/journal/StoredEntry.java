package dev.skillwarden.journal;

/// An entry as it stands in the journal.
///
/// @param seq its sequence number, from 1, without gaps
public record StoredEntry(long seq, JournalEntry entry) {}
