-- Chain: records whose hash does not follow from the record before.
-- Finds:   records received in the last day that are not what their own hash says, or not chained to the collected record before them
--          (docs/journal.md "Chain"). What is missing is no finding here; see gaps.sql.
-- Read:    altered, swapped or made up without the rest of the chain; or the journal was put back to an older state and only what came
--          after was sent. One altered record is one finding; a rewritten row of them shows at both ends of it.
-- Do:      compare with the device's own journal, and with the witness: it never signs past such a record.
-- Cost:    it reads whole lines and holds the day's hashes; on a large fleet add a condition on device to both halves.
SELECT device, install, seq, min(received) AS first_received
FROM (
  SELECT device, install, seq, body, received,
    SHA256(concat(
        unhex('02'),
        unhex(concat(substring('0000000000000000', 1, 16 - length(hex(seq))), hex(seq))),
        unhex(before),
        replaceRegexpOne(line, ',"hash":"[0-9a-f]{64}"(,"mac":"[0-9a-f]{64}")?}$', '}')))
      = toFixedString(unhex(hash), 32) AS follows
  FROM (
    SELECT device, install, seq, body, received, line, hash,
      if(kind = 'enroll', toInt64(-1), if(kind = 'journal-lost', says_seq, toInt64(seq) - 1)) AS at
    FROM journal
    WHERE received >= now() - INTERVAL 1 DAY
  )
  ALL INNER JOIN (
    SELECT device, install, toInt64(seq) AS at, hash AS before
    FROM journal
    WHERE (device, install) IN (SELECT device, install FROM journal WHERE received >= now() - INTERVAL 1 DAY)
    UNION ALL
    SELECT DISTINCT device, install, toInt64(-1) AS at, '0000000000000000000000000000000000000000000000000000000000000000' AS before
    FROM journal
    WHERE received >= now() - INTERVAL 1 DAY
  ) USING (device, install, at)
)
GROUP BY device, install, seq, body
HAVING max(follows) = 0
ORDER BY device, install, seq;
