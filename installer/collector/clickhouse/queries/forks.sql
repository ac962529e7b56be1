-- Forks: one number, several different records.
-- Finds:   for each journal the numbers that were received with more than one content, the last of them in the last 35 days. A copy
--          of the same record is none.
-- Read:    `numbers` in a row from `first_seq` on: a journal was put back to an older state and continued (backup, snapshot, container
--          or VM image), or two machines use one copy of it. One alone with `hashes` = 1: a line was altered and sent under the old hash.
--          An orderly device can cause one for at most journal.sync-interval after a power cut, if records were sent before they were on disk.
-- Do:      keep both (they are in the table), take the device out of service until it is explained, compare the two versions of `first_seq`
--          with SELECT received, line FROM journal WHERE device = … AND install = … AND seq = …
-- Large tables: add SETTINGS optimize_aggregation_in_order = 1 (current releases).
SELECT device, install, min(seq) AS first_seq, max(seq) AS last_seq, count() AS numbers, max(contents) AS hashes,
  min(one) AS first_version_at, max(other) AS last_version_at
FROM (
  SELECT device, install, seq, uniqExact(hash) AS contents, min(received) AS one, max(received) AS other
  FROM journal
  GROUP BY device, install, seq
  HAVING min(body) != max(body) AND other >= now() - INTERVAL 35 DAY
)
GROUP BY device, install
ORDER BY device, install;
