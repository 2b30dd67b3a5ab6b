-- Steps of a session that their owner shows to everybody of the company as an example of a practice. `step_ids`: the addresses of
-- the records that are shown, in their order; their words stay where they are.
CREATE TABLE clip (
  person INTEGER NOT NULL,
  id TEXT NOT NULL,
  session TEXT NOT NULL,
  practice TEXT NOT NULL,
  uuid TEXT NOT NULL,
  step_ids TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (person, id)
) STRICT;
CREATE INDEX clip_by_practice ON clip (practice);
