-- Clocks: devices whose time cannot be right.
-- Finds:   `ahead`      records dated more than 5 minutes after they were received;
--          `set back`   records dated more than 5 minutes before the record just before them.
-- Read:    a record much older than its receipt is no finding: it waited, offline. The order of a journal is its numbers, never its times;
--          a wrong clock breaks nothing. Set back once at a start: a flat battery. Again and again: somebody hides when things happened.
-- Do:      trust `received` for the time by which a thing had happened. Look at the device's time service.
SELECT 'ahead' AS finding, device, install, min(seq) AS first_seq, uniqExact(seq) AS records,
  max(toInt64(toUInt32(ts)) - toInt64(toUInt32(received))) AS worst_seconds
FROM journal
WHERE received >= now() - INTERVAL 35 DAY AND toInt64(toUInt32(ts)) - toInt64(toUInt32(received)) > 300
GROUP BY device, install
UNION ALL
SELECT 'set back' AS finding, device, install, min(toUInt64(step.1)) AS first_seq, toUInt64(count()) AS records, max(step.2) AS worst_seconds
FROM (
  SELECT device, install, arrayJoin(arrayFilter(
      s -> s.2 > 300,
      arrayMap((a, b) -> (b.1, a.2 - b.2), arrayPopBack(times), arrayPopFront(times)))) AS step
  FROM (
    SELECT device, install, arraySort(groupUniqArray((toInt64(seq), toInt64(toUInt32(ts))))) AS times
    FROM journal
    WHERE received >= now() - INTERVAL 35 DAY
    GROUP BY device, install
  )
)
GROUP BY device, install;
