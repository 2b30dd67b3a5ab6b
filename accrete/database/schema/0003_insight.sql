-- What came of sessions and which practices they show. All of it is derived, but for tags and notes.

ALTER TABLE session ADD COLUMN outcome TEXT;
ALTER TABLE session ADD COLUMN outcome_reason TEXT;
ALTER TABLE session ADD COLUMN category TEXT;
ALTER TABLE session ADD COLUMN category_reason TEXT;
ALTER TABLE session ADD COLUMN commits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN commits_unconfirmed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN pull_requests INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN checks INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN checks_failed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN lines_added INTEGER;
ALTER TABLE session ADD COLUMN lines_removed INTEGER;
ALTER TABLE session ADD COLUMN files_edited INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN edits_proposed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN edits_landed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN edits_changed_by_user INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN asked_accepted INTEGER;
ALTER TABLE session ADD COLUMN asked_rejected INTEGER;

-- A commit that a call of the session made. `sha` may be short, NULL where nobody told it.
CREATE TABLE session_commit (
  person INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  tool_use_id TEXT NOT NULL,
  part INTEGER NOT NULL,
  session TEXT NOT NULL,
  project TEXT,
  sha TEXT,
  branch TEXT,
  subject TEXT,
  confidence TEXT NOT NULL,
  kind TEXT NOT NULL,
  uuid TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER,
  PRIMARY KEY (person, session, message_id, tool_use_id, part)
) STRICT;
CREATE INDEX session_commit_by_sha ON session_commit (person, sha);

-- A pull request that the session created.
CREATE TABLE session_pull (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  url TEXT NOT NULL,
  number INTEGER,
  repository TEXT,
  confidence TEXT NOT NULL,
  uuid TEXT,
  seq INTEGER,
  at INTEGER,
  PRIMARY KEY (person, session, url)
) STRICT;

-- One run of tests, a build or a lint.
CREATE TABLE check_run (
  person INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  tool_use_id TEXT NOT NULL,
  part INTEGER NOT NULL,
  session TEXT NOT NULL,
  run TEXT NOT NULL,
  kind TEXT NOT NULL,
  runner TEXT NOT NULL,
  verdict TEXT NOT NULL,
  passed INTEGER,
  failed INTEGER,
  uuid TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER,
  PRIMARY KEY (person, session, message_id, tool_use_id, part)
) STRICT;

-- One observed moment of a practice, with the event that proves it.
CREATE TABLE sighting (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  practice TEXT NOT NULL,
  uuid TEXT NOT NULL,
  agent TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER,
  marks TEXT NOT NULL,
  note TEXT,
  PRIMARY KEY (person, session, practice, uuid)
) STRICT;

-- Whether a practice was possible in a session (1, 0, NULL unknown), how often it was seen, how often with a quality mark.
CREATE TABLE session_practice (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  practice TEXT NOT NULL,
  possible INTEGER,
  sightings INTEGER NOT NULL,
  marked INTEGER NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (person, session, practice)
) STRICT;

-- A person's week, from Monday on: sessions in which a practice was possible and seen, sightings, marked ones.
CREATE TABLE person_week (
  person INTEGER NOT NULL,
  week TEXT NOT NULL,
  practice TEXT NOT NULL,
  eligible INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  sightings INTEGER NOT NULL,
  marked INTEGER NOT NULL,
  PRIMARY KEY (person, week, practice)
) STRICT;

CREATE TABLE session_tag (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  tag TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (person, session, tag)
) STRICT;

CREATE TABLE session_note (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  text TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (person, session)
) STRICT;
