-- Rollback: the journal was shorter, or another one, after it was longer.
-- Finds:   `contradicted`  a record names the hash of an earlier number (checkpoint, segment, declared loss), and the record collected under
--                          that number has another;
--          `went back`     a checkpoint arrived after one that stands for more records;
--          `witnessed`     the last record under a head that the witness signed is not in the table, or is another one.
-- Read:    `seq` is where: the number that is contradicted, the smaller checkpoint's record, the head's last record.
-- Do:      `witnessed` with nothing collected: records were removed from this table (or their retention ended, for a device silent that long).
--          The others: as with forks.sql. Files loaded late by hand show as `went back`.
SELECT 'contradicted' AS finding, device, install, n AS seq, arrayElement(arrayFilter(s -> NOT has(collected, s), said), 1) AS expected, arrayStringConcat(collected, ' ') AS found
FROM (
  SELECT device, install, n, groupUniqArrayIf(say, say != '') AS said, groupUniqArrayIf(hash, hash != '') AS collected
  FROM (
    SELECT device, install, says_seq AS n, says_hash AS say, '' AS hash
    FROM journal WHERE received >= now() - INTERVAL 35 DAY AND says_hash != '' AND says_seq >= 0
    UNION ALL
    SELECT device, install, toInt64(seq) AS n, '' AS say, hash
    FROM journal WHERE (device, install, toInt64(seq)) IN (
      SELECT device, install, says_seq FROM journal WHERE received >= now() - INTERVAL 35 DAY AND says_hash != '' AND says_seq >= 0)
  )
  GROUP BY device, install, n
)
WHERE length(collected) > 0 AND arrayExists(s -> NOT has(collected, s), said)
UNION ALL
SELECT 'went back' AS finding, device, install, toInt64(back.1) AS seq,
  concat('over ', toString(back.2)) AS expected, toString(back.3) AS found
FROM (
  SELECT device, install, arrayJoin(arrayFilter(
      p -> p.1 >= 0,
      arrayMap(
          (a, b) -> (if(b.2 < a.2 AND b.1 > a.1, toInt64(b.3), toInt64(-1)), a.2, b.2),
          arrayPopBack(heads), arrayPopFront(heads)))) AS back
  FROM (
    SELECT device, install, arraySort(groupArray((at, size, seq))) AS heads
    FROM (
      SELECT device, install, seq, hash, min(received) AS at, any(says_seq) + 1 AS size
      FROM journal WHERE kind = 'checkpoint'
      GROUP BY device, install, seq, hash
      HAVING at >= now() - INTERVAL 35 DAY
    )
    GROUP BY device, install
  )
)
UNION ALL
SELECT 'witnessed' AS finding, device, install, n AS seq, signed AS expected, arrayStringConcat(collected, ' ') AS found
FROM (
  SELECT device, install, n, max(head) AS signed, groupUniqArrayIf(hash, hash != '') AS collected
  FROM (
    SELECT device, install, toInt64(size) - 1 AS n, root AS head, '' AS hash FROM witness_heads
    UNION ALL
    SELECT device, install, toInt64(seq) AS n, '' AS head, hash
    FROM journal WHERE (device, install, toInt64(seq)) IN (SELECT device, install, toInt64(size) - 1 FROM witness_heads)
  )
  GROUP BY device, install, n
)
WHERE NOT has(collected, signed);
