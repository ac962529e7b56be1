package dev.skillwarden.journal;

/// What is known to have been received elsewhere. It decides which files may go.
public interface Coverage {
  /// For a journal that is not uploaded.
  Coverage NONE =
      new Coverage() {
        @Override
        public boolean isExpected() {
          return false;
        }

        @Override
        public long coveredSeq() {
          return -1;
        }
      };

  /// Whether the journal is uploaded at all. If so, no file goes without a receipt.
  boolean isExpected();

  /// Number of the last record that a receipt covers, with all before it; -1 when none is.
  long coveredSeq();
}
