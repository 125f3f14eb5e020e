-- report_model.sql: the read model that `handover report --sqlite` writes; docs/read-model.md tells of each table and column.
-- Another shape of it is another user_version. Moments are milliseconds since 1970, UTC; what ends in _ms is one, or a duration.

PRAGMA application_id = 0x68616E64; -- "hand"
PRAGMA user_version = 1;

BEGIN;

CREATE TABLE period (
  definition_name TEXT,
  from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL,
  grouped_by TEXT,
  amount TEXT,
  weeks_from_ms INTEGER NOT NULL,
  weeks_ms INTEGER NOT NULL,
  order_inferred INTEGER NOT NULL
) STRICT;

CREATE TABLE unseen (topic TEXT NOT NULL, partition INTEGER, first_offset INTEGER) STRICT;

CREATE TABLE definitions (
  definition INTEGER PRIMARY KEY,
  version ANY NOT NULL, -- an integer, or what else stood there
  digest TEXT,
  agreed INTEGER NOT NULL
) STRICT;

CREATE TABLE stages (
  stage INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  owner TEXT,
  rung INTEGER NOT NULL
) STRICT;

CREATE TABLE leads (lead INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE changes (
  change INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  lead INTEGER NOT NULL REFERENCES leads,
  time_ms INTEGER NOT NULL,
  since_ms INTEGER NOT NULL,
  from_stage TEXT NOT NULL,
  to_stage TEXT NOT NULL,
  move TEXT,
  reason TEXT,
  queue TEXT,
  member TEXT,
  definition INTEGER NOT NULL REFERENCES definitions,
  value TEXT,
  micros INTEGER
) STRICT;

CREATE TABLE skipped (
  change INTEGER NOT NULL REFERENCES changes,
  stage INTEGER NOT NULL REFERENCES stages
) STRICT;

CREATE TABLE due (
  change INTEGER NOT NULL REFERENCES changes,
  sla TEXT NOT NULL,
  by_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE breaches (
  breach INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  lead INTEGER NOT NULL REFERENCES leads,
  time_ms INTEGER NOT NULL,
  since_ms INTEGER NOT NULL,
  stage TEXT NOT NULL,
  sla TEXT NOT NULL,
  queue TEXT,
  member TEXT,
  definition INTEGER NOT NULL REFERENCES definitions
) STRICT;

CREATE TABLE stays (
  stay INTEGER PRIMARY KEY,
  lead INTEGER NOT NULL REFERENCES leads,
  stage INTEGER NOT NULL REFERENCES stages,
  entered_ms INTEGER NOT NULL,
  left_ms INTEGER,
  next_stage INTEGER REFERENCES stages,
  entered_by INTEGER REFERENCES changes,
  left_by INTEGER REFERENCES changes,
  value TEXT,
  micros INTEGER
) STRICT;

CREATE TABLE handovers (
  stay INTEGER PRIMARY KEY REFERENCES stays,
  owner TEXT NOT NULL,
  queue TEXT,
  member TEXT,
  outcome TEXT NOT NULL CHECK (outcome IN ('accepted', 'rejected', 'returned', 'elsewhere', 'waiting')),
  won_by INTEGER REFERENCES stays
) STRICT;

CREATE TABLE slas (
  lead INTEGER NOT NULL REFERENCES leads,
  stay INTEGER REFERENCES stays,
  stage TEXT NOT NULL,
  sla TEXT NOT NULL,
  since_ms INTEGER NOT NULL,
  by_ms INTEGER,
  queue TEXT,
  member TEXT,
  outcome TEXT NOT NULL CHECK (outcome IN ('kept', 'breached', 'running'))
) STRICT;

CREATE TABLE dead_letters (reason TEXT PRIMARY KEY, records INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE INDEX skipped_stage ON skipped (stage);
CREATE INDEX changes_lead ON changes (lead, time_ms);
CREATE INDEX stays_lead ON stays (lead, entered_ms);
CREATE INDEX stays_stage ON stays (stage, entered_ms);

-- The figures of the report, by the same rules.

CREATE VIEW funnel AS
SELECT
  stages.stage, stages.name, stages.owner, stages.rung,
  count(stays.stay) FILTER (WHERE entered_ms < from_ms AND coalesce(left_ms >= from_ms, 1)) AS at_start,
  count(stays.stay) FILTER (WHERE entered_ms >= from_ms AND entered_ms < to_ms) AS entered,
  count(stays.stay) FILTER (WHERE left_ms >= from_ms AND left_ms < to_ms) AS left,
  count(stays.stay) FILTER (WHERE entered_ms < to_ms AND coalesce(left_ms >= to_ms, 1)) AS at_end,
  count(stays.stay) FILTER (WHERE left_ms >= from_ms AND left_ms < to_ms AND higher.rung AND stages.rung
                                  AND higher.stage > stages.stage) AS left_up,
  count(stays.stay) FILTER (WHERE entered_ms >= from_ms AND left_ms < to_ms AND higher.rung AND stages.rung
                                  AND higher.stage > stages.stage) AS converted,
  (SELECT count(*) FROM skipped JOIN changes USING (change)
   WHERE skipped.stage = stages.stage AND time_ms >= from_ms AND time_ms < to_ms) AS passed
FROM period, stages LEFT JOIN stays USING (stage) LEFT JOIN stages AS higher ON higher.stage = stays.next_stage
GROUP BY stages.stage;

CREATE VIEW stay_times AS
WITH ranked AS (
  SELECT stage, left_ms - entered_ms AS ms,
    row_number() OVER (PARTITION BY stage ORDER BY left_ms - entered_ms) AS place, count(*) OVER (PARTITION BY stage) AS count
  FROM stays, period WHERE left_ms >= from_ms AND left_ms < to_ms)
SELECT stage, max(count) AS count,
  min(ms) FILTER (WHERE place * 100 >= count * 50) AS median_ms,
  min(ms) FILTER (WHERE place * 100 >= count * 90) AS p90_ms
FROM ranked GROUP BY stage;

CREATE VIEW handover_figures AS
SELECT handovers.owner, queue, member, stays.value,
  (entered_ms - weeks_from_ms) / weeks_ms * weeks_ms + weeks_from_ms AS week_ms,
  count(*) AS handed_over,
  count(*) FILTER (WHERE outcome = 'accepted') AS accepted,
  count(*) FILTER (WHERE outcome = 'rejected') AS rejected,
  count(*) FILTER (WHERE outcome = 'returned') AS returned,
  count(*) FILTER (WHERE outcome = 'elsewhere') AS elsewhere,
  count(*) FILTER (WHERE outcome = 'waiting') AS waiting,
  count(won_by) AS won,
  coalesce(sum((SELECT wins.micros FROM stays AS wins WHERE wins.stay = won_by)), 0) AS revenue_micros
FROM period, handovers JOIN stays USING (stay)
WHERE entered_ms >= from_ms AND entered_ms < to_ms
GROUP BY handovers.owner, queue, member, stays.value, week_ms;

CREATE VIEW sla_figures AS
SELECT slas.sla, slas.stage, slas.queue, slas.member,
  count(*) AS began,
  count(*) FILTER (WHERE outcome = 'kept') AS kept,
  count(*) FILTER (WHERE outcome = 'breached') AS breached,
  count(*) FILTER (WHERE outcome = 'running') AS running
FROM period, slas
WHERE since_ms >= from_ms AND since_ms < to_ms
GROUP BY slas.sla, slas.stage, slas.queue, slas.member;

CREATE VIEW members AS
SELECT queue, member, sum(handed_over) AS handed_over, sum(accepted) AS accepted, sum(rejected) AS rejected, sum(returned) AS returned,
  sum(elsewhere) AS elsewhere, sum(waiting) AS waiting, sum(won) AS won, sum(revenue_micros) AS revenue_micros, sum(began) AS began, sum(kept) AS kept, sum(breached) AS breached, sum(running) AS running
FROM (
  SELECT queue, member, handed_over, accepted, rejected, returned, elsewhere, waiting, won, revenue_micros, 0 AS began, 0 AS kept, 0 AS breached, 0 AS running
  FROM handover_figures WHERE queue IS NOT NULL
  UNION ALL
  SELECT queue, member, 0, 0, 0, 0, 0, 0, 0, 0, began, kept, breached, running FROM sla_figures WHERE queue IS NOT NULL)
GROUP BY queue, member;

CREATE VIEW weeks AS
WITH RECURSIVE bars (week_ms) AS (
  SELECT weeks_from_ms FROM period
  UNION ALL
  SELECT week_ms + weeks_ms FROM bars, period WHERE week_ms + weeks_ms < to_ms)
SELECT week_ms, date(week_ms / 1000, 'unixepoch') AS week, stages.stage, stages.name, count(stays.stay) AS entered
FROM period, bars, stages LEFT JOIN stays
  ON stays.stage = stages.stage AND entered_ms >= week_ms AND entered_ms < week_ms + weeks_ms AND entered_ms >= from_ms AND entered_ms < to_ms
GROUP BY week_ms, stages.stage;

CREATE VIEW money AS
SELECT stages.stage, stages.name, stages.rung, stays.value,
  count(stays.stay) FILTER (WHERE entered_ms < to_ms AND coalesce(left_ms >= to_ms, 1)) AS at_end,
  coalesce(sum(micros) FILTER (WHERE entered_ms < to_ms AND coalesce(left_ms >= to_ms, 1)), 0) AS pipeline_micros,
  count(micros) FILTER (WHERE entered_ms < to_ms AND coalesce(left_ms >= to_ms, 1)) AS pipeline_known,
  count(stays.stay) FILTER (WHERE entered_ms >= from_ms AND entered_ms < to_ms) AS entered,
  coalesce(sum(micros) FILTER (WHERE entered_ms >= from_ms AND entered_ms < to_ms), 0) AS entered_micros,
  count(micros) FILTER (WHERE entered_ms >= from_ms AND entered_ms < to_ms) AS entered_known
FROM period, stages LEFT JOIN stays USING (stage)
GROUP BY stages.stage, stays.value;

CREATE VIEW given_back AS
SELECT a.name AS from_stage, b.name AS to_stage, move, reason, count(*) AS changes
FROM period, stays JOIN stages AS a USING (stage) JOIN stages AS b ON b.stage = next_stage JOIN changes ON change = left_by
WHERE left_ms >= from_ms AND left_ms < to_ms AND a.owner <> b.owner AND NOT (b.rung AND (NOT a.rung OR b.stage > a.stage))
GROUP BY a.stage, b.stage, move, reason;
