-- What reading goes through, and what each person has of their own.

-- Raised by every transaction that writes: whoever shows something can tell that it changed.
CREATE TABLE revision (
  n INTEGER NOT NULL
) STRICT;
INSERT INTO revision (n) VALUES (0);

-- Facts are of one person; those of the record itself have person 0.
ALTER TABLE fact RENAME TO fact_of_all;
CREATE TABLE fact (
  person INTEGER NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (person, name)
) STRICT;
INSERT INTO fact (person, name, value)
SELECT CASE WHEN name IN ('redaction_version', 'scrub_waits', 'search_index') THEN 0 ELSE 1 END, name, value FROM fact_of_all;
DROP TABLE fact_of_all;

-- Up to which tier a person's rows may be read by others. On their own machine everything is theirs.
ALTER TABLE person ADD COLUMN tier INTEGER NOT NULL DEFAULT 3;

-- A person's week, from Monday on, by project ('' for sessions without a folder): sessions in which a practice was possible
-- and seen, sightings, marked ones. `versions`: those of the practice's rules that this rests on, separated by spaces.
DROP TABLE person_week;
CREATE TABLE person_week (
  person INTEGER NOT NULL,
  project TEXT NOT NULL,
  week TEXT NOT NULL,
  practice TEXT NOT NULL,
  eligible INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  sightings INTEGER NOT NULL,
  marked INTEGER NOT NULL,
  versions TEXT NOT NULL,
  PRIMARY KEY (person, week, practice, project)
) STRICT;
INSERT INTO fact (person, name, value) SELECT id, 'weeks_wait', '1' FROM person WHERE true
  ON CONFLICT (person, name) DO UPDATE SET value = '1';

-- Every question reads sessions, and what belongs to them, through the first, and rollups through the second. Whose rows,
-- and up to which tier, is bound in the WHERE (queries/scope.py). What a range of days has by other names, a session has too. A migration that adds a column makes them anew.
CREATE VIEW visible_session AS SELECT s.*, v.tier AS tier, s.id AS session, s.started_at AS first_at, s.ended_at AS last_at,
  s.local_day AS first_day, 0 AS partly FROM session s JOIN person v ON v.id = s.person;
CREATE VIEW visible_person AS SELECT w.*, v.tier AS tier FROM person_week w JOIN person v ON v.id = w.person;
