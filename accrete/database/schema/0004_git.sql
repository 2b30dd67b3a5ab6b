-- What git said of commits that nobody had named whole, asked once while the repository was at hand; sessions that could not be worked
-- out; runs that only other rows tell of; and sightings known by the call too, of which one record may hold several.

ALTER TABLE session ADD COLUMN derive_error TEXT;

-- answer: found, none, ambiguous, failed. sha: the whole one where it was found, or found for several calls.
CREATE TABLE git_answer (
  person INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  tool_use_id TEXT NOT NULL,
  part INTEGER NOT NULL,
  answer TEXT NOT NULL,
  sha TEXT,
  asked_at INTEGER NOT NULL,
  PRIMARY KEY (person, message_id, tool_use_id, part)
) STRICT;

-- 1 for a run that no captured row tells of but events and calls: worked out anew with its session.
ALTER TABLE agent_run ADD COLUMN derived INTEGER NOT NULL DEFAULT 0;

DROP TABLE sighting;
CREATE TABLE sighting (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  practice TEXT NOT NULL,
  uuid TEXT NOT NULL,
  tool_use_id TEXT NOT NULL,
  agent TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER,
  marks TEXT NOT NULL,
  note TEXT,
  PRIMARY KEY (person, session, practice, uuid, tool_use_id)
) STRICT;
