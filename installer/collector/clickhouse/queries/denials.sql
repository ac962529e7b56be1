-- Denials by rule and team, last 7 days.
-- Finds:   how often each rule (or error code) said no, and on how many devices.
-- Read:    one rule, many devices: people meet it in their work; is it right, and does its message say what to do? One rule, one device,
--          many times: an agent that tries again and again; look at the session.
-- Do:      change the rule with the teams that meet it, or talk to them. There are no accounts in it on purpose: it is about rules.
SELECT team, rule, decision, uniqExact(device, install, seq) AS denials, uniqExact(device) AS devices, max(received) AS last_received
FROM journal
WHERE received >= now() - INTERVAL 7 DAY AND decision NOT IN ('', 'none', 'ask', 'allow')
GROUP BY team, rule, decision
ORDER BY denials DESC, team, rule;
