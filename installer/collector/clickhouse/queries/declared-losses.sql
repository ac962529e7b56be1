-- Declared losses: numbers a journal itself says it has lost, last 35 days.
-- Finds:   each `journal-lost` record: the range, why (`tail`: the end of the journal was gone at a start; `disk`: no space, best effort), and
--          how many of these numbers were received nevertheless.
-- Read:    a loss nobody declares is in gaps.sql. `collected` over 0: they were sent before they were lost, and are here.
--          `tail` without a crash or a power cut at that time: somebody cut it.
-- Do:      `disk`: make room, or raise the cap. `tail` again and again on one device: a failing disk, or a person.
SELECT device, install, seq, lost_from, lost_to, why, at, arrayCount(n -> n >= lost_from AND n <= lost_to, numbers) AS collected
FROM (
  SELECT device, install, seq, any(low) AS lost_from, seq - 1 AS lost_to,
    any(visitParamExtractString(line, 'why')) AS why, min(received) AS at
  FROM journal
  WHERE kind = 'journal-lost' AND received >= now() - INTERVAL 35 DAY
  GROUP BY device, install, seq, hash
)
ANY LEFT JOIN (
  SELECT device, install, groupUniqArray(seq) AS numbers
  FROM journal
  WHERE (device, install) IN (SELECT device, install FROM journal WHERE kind = 'journal-lost' AND received >= now() - INTERVAL 35 DAY)
  GROUP BY device, install
) USING (device, install)
ORDER BY device, install, seq;
