-- Who owns what several sessions hold is worked out once and kept, so that one more line costs what it changes.

-- 1 where another session that holds a copy of the record owns it. Derived.
ALTER TABLE event ADD COLUMN replayed INTEGER NOT NULL DEFAULT 0;

-- Up to which event the owners of a session's records are worked out. `cluster` names the sessions that it shares
-- records with, directly or through others; NULL where it shares none. `own_at` is its first line that no other
-- holds. `contender` says that only rules 2 and 3 made it the owner of something. Bookkeeping: no figure shows it.
CREATE TABLE settled (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  event INTEGER NOT NULL,
  cluster TEXT,
  own_at INTEGER,
  contender INTEGER NOT NULL,
  PRIMARY KEY (person, session)
) STRICT;
CREATE INDEX settled_cluster ON settled (person, cluster) WHERE cluster IS NOT NULL;
