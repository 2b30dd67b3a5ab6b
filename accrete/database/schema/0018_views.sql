-- The view of 0015 as it is now: that file changed before it was released.
DROP VIEW IF EXISTS session_whole;
DROP VIEW visible_session;
CREATE VIEW visible_session AS SELECT s.*, v.tier AS tier, s.id AS session, s.started_at AS first_at, s.ended_at AS last_at,
  s.local_day AS first_day, 0 AS partly FROM session s JOIN person v ON v.id = s.person;
-- A turn's calls are found by its prompt.
DROP INDEX IF EXISTS tool_call_by_session;
CREATE INDEX tool_call_by_session ON tool_call (person, session, prompt);
