-- What of a session happened on which local day: ranges of days read it. All of it is derived, but for `misdated`.

-- A time that cannot be right, as the record gave it; `at` is NULL then.
ALTER TABLE event ADD COLUMN misdated INTEGER;
CREATE INDEX event_misdated ON event (person, session) WHERE misdated IS NOT NULL;

ALTER TABLE tool_call ADD COLUMN local_day TEXT;
ALTER TABLE session_commit ADD COLUMN local_day TEXT;
ALTER TABLE session_pull ADD COLUMN local_day TEXT;
ALTER TABLE check_run ADD COLUMN local_day TEXT;
ALTER TABLE sighting ADD COLUMN local_day TEXT;

-- One session on one local day; '' for a session none of whose records has a time. Its days add up to its totals.
CREATE TABLE session_day (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  local_day TEXT NOT NULL,
  first_at INTEGER,
  last_at INTEGER,
  active_ms INTEGER,
  work_blocks INTEGER NOT NULL,
  prompts INTEGER NOT NULL,
  prompts_queued INTEGER NOT NULL,
  interruptions INTEGER NOT NULL,
  compactions INTEGER NOT NULL,
  api_errors INTEGER NOT NULL,
  plan_mode INTEGER NOT NULL,
  agents INTEGER NOT NULL,
  tool_calls INTEGER NOT NULL,
  tool_errors INTEGER NOT NULL,
  responses_own INTEGER NOT NULL,
  responses_delegated INTEGER NOT NULL,
  tokens_own INTEGER NOT NULL,
  tokens_delegated INTEGER NOT NULL,
  cost_own_nano INTEGER NOT NULL,
  cost_delegated_nano INTEGER NOT NULL,
  unpriced INTEGER NOT NULL,
  lower_bound INTEGER NOT NULL,
  price_assumed INTEGER NOT NULL,
  commits INTEGER NOT NULL,
  commits_unconfirmed INTEGER NOT NULL,
  pull_requests INTEGER NOT NULL,
  checks INTEGER NOT NULL,
  checks_failed INTEGER NOT NULL,
  lines_added INTEGER,
  lines_removed INTEGER,
  edits_proposed INTEGER NOT NULL,
  edits_landed INTEGER NOT NULL,
  edits_changed_by_user INTEGER NOT NULL,
  asked_accepted INTEGER,
  asked_rejected INTEGER,
  PRIMARY KEY (person, session, local_day)
) STRICT;
CREATE INDEX session_day_by_day ON session_day (person, local_day);

-- A file that a session changed on a local day.
CREATE TABLE session_file (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  local_day TEXT NOT NULL,
  path TEXT NOT NULL,
  PRIMARY KEY (person, session, local_day, path)
) STRICT;

-- Tool calls of one session added up by day and tool.
DROP TABLE session_tool;
CREATE TABLE session_tool (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  local_day TEXT NOT NULL,
  tool TEXT NOT NULL,
  calls INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  PRIMARY KEY (person, session, local_day, tool)
) STRICT;
