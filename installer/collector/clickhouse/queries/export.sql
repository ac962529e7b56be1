-- Export: the records of one journal as they are, in order, for `skillwarden journal verify FILE`. Put in device and install.
--   clickhouse-client --query "$(cat export.sql)" > laptop.jsonl
-- Finds:   nothing by itself. Copies are left out; of a fork both versions are in it, and verify will say so.
-- Read:    verify checks that each hash follows from the one before, and the checkpoints' signatures when it is given the device's key.
-- Do:      keep the file with the receipt (witness head) it is compared with. A part of a journal: add AND seq >= … to the condition.
SELECT line
FROM journal
WHERE device = 'DEVICE' AND install = 'INSTALL'
ORDER BY seq, received
LIMIT 1 BY seq, body
FORMAT TSVRaw;
