-- Silence: devices that sent something in the last 35 days, and nothing for 3 hours.
-- Finds:   one row for each such device, longest silence last. A running daemon sends a checkpoint every hour, whatever happens.
-- Read:    `last_kind` is `stop`: it was stopped in order. Anything else: switched off, offline, killed, or the end of its journal was
--          cut off. A laptop in a bag is silent too: join with what knows that a device is in use (MDM, VPN, single sign-on).
-- Do:      in use and silent for a day: look at `skillwarden status` and `skillwarden upload status` there.
-- Note:    what was recorded and not sent before a disk is wiped shows here and nowhere else.
SELECT device, argMax(install, (received, seq)) AS last_install, argMax(seq, (received, seq)) AS last_seq,
  argMax(kind, (received, seq)) AS last_kind, max(received) AS last_received,
  intDiv(toUInt32(now()) - toUInt32(last_received), 3600) AS silent_hours
FROM journal
WHERE received >= now() - INTERVAL 35 DAY
GROUP BY device
HAVING last_received < now() - INTERVAL 3 HOUR
ORDER BY silent_hours, device;
