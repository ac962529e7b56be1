-- Gaps: numbers that no record has, and that no record declares lost.
-- Finds:   for each journal the exact ranges missing_from..missing_to, both included, below a number that was received in the last 35 days;
--          also a missing beginning (a journal begins with `enroll`).
-- Read:    a range below records that have arrived for hours was removed on the device, on the way, or in this table. A range at the end
--          of what a device sent, less than an hour old, is usually still on its way: denials are sent before the rest.
-- Do:      ask the device for the range (`skillwarden journal export`). If it has them: the way lost them, look at the collectors. If it
--          has not, and `journal verify` there finds nothing: the journal was rewritten; see forks.sql and rollback.sql.
-- Window:  run it more often than its window is long; a gap is found while a number above it is in the window.
SELECT device, install, gap.1 AS missing_from, gap.2 AS missing_to, gap.2 - gap.1 + 1 AS missing
FROM (
  SELECT device, install, arrayJoin(arrayFilter(
      g -> g.2 >= g.1,
      arrayMap((a, b) -> (a.1 + 1, b.2 - 1), arrayPopBack(pairs), arrayPopFront(pairs)))) AS gap
  FROM (
    -- From the highest number known before the window on; numbers below it that came late are no concern here.
    SELECT device, install, arrayConcat([(start, start)], arraySort(arrayFilter(p -> p.1 > start, recent))) AS pairs
    FROM (
      SELECT device, install,
        groupArrayIf((toInt64(seq), toInt64(low)), received >= now() - INTERVAL 35 DAY) AS recent,
        if(countIf(received < now() - INTERVAL 35 DAY) > 0, maxIf(toInt64(seq), received < now() - INTERVAL 35 DAY),
            if(argMin(kind, seq) = 'enroll', toInt64(min(seq)) - 1, toInt64(-1))) AS start
      FROM journal
      GROUP BY device, install
    )
  )
)
ORDER BY device, install, missing_from;
