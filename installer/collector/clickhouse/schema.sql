-- Tables of the collected journals. Runs on every ClickHouse since 18.16:
--   clickhouse-client --multiquery < schema.sql
-- On a current release also run current.sql (compression, retention, filling from the collector's table).

-- Every record that arrived, as it arrived. A row is inserted with five columns: received, device, install, team, line. All others
-- are worked out here from the line, because the line is what the device's hash covers: an attribute sent beside it can say anything.
--
-- What counts as the same row: delivery is at least once, so (device, install, seq) alone comes more than once and copies are to
-- be merged. But replacing by these three would also merge two *different* records of one number, and so erase the trace of a rolled back
-- or copied journal. The key therefore goes on with the hash, and with a fingerprint of the line, so that a line altered under
-- an honest hash does not take the place of the honest one. One row for each number is what the view journal_one gives.
--
-- Of equal rows the one received first stays (ReplacingMergeTree keeps the highest `early`): sending a record again does not make it younger.
-- Merging happens in the background and within one partition, so no query here relies on it.
--
-- Partitions are months of `received`, the receiver's clock. `ts` is the device's and may be wrong or made up.
CREATE TABLE IF NOT EXISTS journal (
  received DateTime,
  device String,
  install String,
  team String,
  line String,
  early UInt32 MATERIALIZED toUInt32(4294967295 - toUInt32(received)),
  seq UInt64 MATERIALIZED visitParamExtractUInt(line, 'seq'),
  hash String MATERIALIZED extract(line, ',"hash":"([0-9a-f]{64})"(?:,"mac":"[0-9a-f]{64}")?}$'),
  body UInt64 MATERIALIZED sipHash64(line),
  ts DateTime MATERIALIZED parseDateTimeBestEffortOrZero(visitParamExtractString(line, 'ts')),
  kind String MATERIALIZED visitParamExtractString(line, 'kind'),
  account String MATERIALIZED visitParamExtractString(line, 'account'),
  session String MATERIALIZED visitParamExtractString(line, 'session'),
  tool String MATERIALIZED visitParamExtractString(line, 'tool'),
  tool_use_id String MATERIALIZED visitParamExtractString(line, 'tool_use_id'),
  skill String MATERIALIZED visitParamExtractString(line, 'skill'),
  version String MATERIALIZED visitParamExtractString(line, 'version'),
  decision String MATERIALIZED visitParamExtractString(line, 'decision'),
  rule String MATERIALIZED visitParamExtractString(line, 'rule'),
  outcome String MATERIALIZED visitParamExtractString(line, 'outcome'),
  policy_version String MATERIALIZED visitParamExtractString(line, 'policy_version'),
  catalog_commit String MATERIALIZED visitParamExtractString(line, 'catalog_commit'),
  duration_us UInt64 MATERIALIZED visitParamExtractUInt(line, 'duration_us'),
  -- Lowest number the record accounts for: its own, or the first of those it declares lost.
  low UInt64 MATERIALIZED if(kind = 'journal-lost', least(seq, toUInt64OrZero(visitParamExtractString(line, 'from'))), seq),
  -- A checkpoint's root as hex. Spelled out because 18.16 has no base64Decode; three hex digits are two characters of base64.
  root String MATERIALIZED if(kind != 'checkpoint', '', arrayStringConcat(arrayMap(
      i -> substring('0123456789abcdef', 1 + multiIf(
          i % 3 = 0, intDiv(root64[intDiv(i, 3) * 2 + 1], 4),
          i % 3 = 1, (root64[intDiv(i, 3) * 2 + 1] % 4) * 4 + intDiv(root64[intDiv(i, 3) * 2 + 2], 16),
          root64[intDiv(i, 3) * 2 + 2] % 16), 1),
      range(64)))),
  root64 Array(UInt8) MATERIALIZED if(kind != 'checkpoint', emptyArrayUInt8(), arrayMap(
      i -> toUInt8(multiIf(
          i >= 97, i - 71,
          i >= 65, i - 65,
          i >= 48, i + 4,
          i = 43, 62, 63)),
      arrayMap(
          i -> reinterpretAsUInt8(substring(splitByChar('\n', visitParamExtractString(line, 'note'))[3], i + 1, 1)),
          range(44)))),
  -- What the record says about an earlier one: its number and its hash; -1 and nothing when it says nothing.
  says_seq Int64 MATERIALIZED multiIf(
      kind = 'checkpoint', toInt64(toUInt64OrZero(splitByChar('\n', visitParamExtractString(line, 'note'))[2])) - 1,
      kind = 'segment', toInt64(toUInt64OrZero(visitParamExtractString(line, 'to'))),
      kind = 'journal-lost', toInt64(toUInt64OrZero(visitParamExtractString(line, 'after'))),
      toInt64(-1)),
  says_hash String MATERIALIZED multiIf(
      kind = 'checkpoint', root,
      kind = 'segment', visitParamExtractString(line, 'last_hash'),
      kind = 'journal-lost', visitParamExtractString(line, 'after_hash'),
      '')
) ENGINE = ReplacingMergeTree(early)
PARTITION BY toYYYYMM(received)
ORDER BY (device, install, seq, hash, body);

-- The heads the witness has signed. A head is stored before it is answered, and of each journal the longest one stays.
CREATE TABLE IF NOT EXISTS witness_heads (
  device String,
  install String,
  size UInt64,
  root String,
  signed DateTime
) ENGINE = ReplacingMergeTree(size)
ORDER BY (device, install);

-- One row for each number: the record received first; `versions` over 1 is a fork.
CREATE VIEW IF NOT EXISTS journal_one AS
SELECT
  device, install, seq,
  uniqExact(body) AS versions,
  min(received) AS first_received,
  argMin(line, (received, hash, body)) AS line
FROM journal
GROUP BY device, install, seq;
