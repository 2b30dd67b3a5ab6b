-- What the pages ask about a whole range is stored with the session that proves it: which responses
-- cost more than they had to, and lines by kind of file (pricing/findings.py, derive/days.py).

CREATE TABLE finding (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  message_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  prompt TEXT,
  at INTEGER,
  local_day TEXT NOT NULL,
  model TEXT NOT NULL,
  model_before TEXT NOT NULL,
  called TEXT NOT NULL,
  pause_ms INTEGER,
  tokens INTEGER NOT NULL,
  nano INTEGER,
  later INTEGER NOT NULL,
  PRIMARY KEY (person, session, message_id, request_id, kind)
) STRICT;
CREATE TABLE session_kind (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  local_day TEXT NOT NULL,
  kind TEXT NOT NULL,
  lines_added INTEGER NOT NULL,
  lines_removed INTEGER NOT NULL,
  PRIMARY KEY (person, session, local_day, kind)
) STRICT;
ALTER TABLE session_day ADD COLUMN steps_told INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session_day ADD COLUMN steps_untold INTEGER NOT NULL DEFAULT 0;

-- The sightings and the prompts of a range are counted from their indexes alone.
DROP INDEX sighting_by_day;
CREATE INDEX sighting_by_day ON sighting (person, local_day, practice, session, marks, at);
CREATE INDEX prompt_by_day ON prompt (person, local_day, hour_of_week, session, replayed);
