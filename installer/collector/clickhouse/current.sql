-- For current releases of ClickHouse, after schema.sql and after the collector's table otel_logs exists (the collector makes it when
-- its clickhouse exporter has create_schema: true). 18.16 knows neither column codecs nor Map nor a TTL of tables.

-- Lines of one device resemble each other; ZSTD finds more of that than the default LZ4.
ALTER TABLE journal MODIFY COLUMN line String CODEC(ZSTD(3));

-- Retention. Change the number to what your retention policy says; 18.16: ALTER TABLE journal DROP PARTITION 202611.
-- The chain of what is left still verifies: it begins with a record whose predecessor's hash the export's sidecar names.
ALTER TABLE journal MODIFY TTL received + INTERVAL 400 DAY;

-- From the OpenTelemetry exporter's table into ours, with each insert. `skillwarden.received` is set by the first collector, milliseconds;
-- where it is missing the time of the insert stands, which is later. A time to come is not believed.
CREATE MATERIALIZED VIEW IF NOT EXISTS journal_from_otel TO journal AS
WITH intDiv(toUInt64OrZero(LogAttributes['skillwarden.received']), 1000) AS at
SELECT
  if(at = 0 OR at > toUInt64(toUInt32(now())), now(), toDateTime(at)) AS received,
  ResourceAttributes['host.id'] AS device,
  ResourceAttributes['service.instance.id'] AS install,
  ResourceAttributes['team'] AS team,
  Body AS line
FROM otel_logs
WHERE startsWith(Body, '{"v":2,"seq":');
