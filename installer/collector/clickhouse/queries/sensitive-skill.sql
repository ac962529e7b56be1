-- Who invoked a sensitive skill, last 90 days.
-- Finds:   each invocation of the skills in the list, allowed or not. Put your own into the list.
-- Read:    `account` is what the device knows the caller by; a pseudonym if so configured. `received` is ours, `ts` the device's.
-- Do:      for an incident: take `session` and look at what was done in it. This names people: for a stated purpose, not for routine.
WITH ['finance/budget-approval', 'data/personal-data-export'] AS sensitive
SELECT received, ts, device, install, seq, team, account, session, skill, version, decision, rule
FROM journal
WHERE has(sensitive, skill) AND kind = 'invoke' AND received >= now() - INTERVAL 90 DAY
ORDER BY received, device, install, seq
LIMIT 1 BY device, install, seq, hash;
