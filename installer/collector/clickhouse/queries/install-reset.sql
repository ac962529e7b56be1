-- Install reset: a known device began a new journal in the last 35 days.
-- Finds:   each install of a device whose first record came after records of another install of the same device.
-- Read:    expected after a new machine image or a purge that was ordered. Otherwise somebody deleted the home: what the old journal had
--          and had not sent is gone. `old_last_kind` = `stop` shortly before speaks for an orderly change.
-- Do:      compare with the ticket; without one, ask. Many in one day: a roll-out that does not keep /journal (see docs/deploy.md).
SELECT device, old.2 AS old_install, old.3 AS old_last_seq, old.4 AS old_last_kind, old.5 AS old_last_received,
  new.2 AS new_install, new.1 AS new_first_received
FROM (
  SELECT device, arrayJoin(arrayMap((a, b) -> (a, b), arrayPopBack(installs), arrayPopFront(installs))) AS pair,
    pair.1 AS old, pair.2 AS new
  FROM (
    SELECT device, arraySort(groupArray((first, install, last_seq, last_kind, last))) AS installs
    FROM (
      SELECT device, install, min(received) AS first, max(received) AS last, max(seq) AS last_seq, argMax(kind, seq) AS last_kind
      FROM journal
      GROUP BY device, install
    )
    GROUP BY device
  )
)
WHERE new_first_received >= now() - INTERVAL 35 DAY
ORDER BY new_first_received, device;
