-- What only hooks know: when a session began and ended and why, when Claude waited for its person. `detail` has the few fields that are
-- kept, as JSON; `hash` tells two copies of one event, sent by two installed hooks, from two events.
CREATE TABLE hook_event (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  event TEXT NOT NULL,
  at INTEGER NOT NULL,
  hash TEXT NOT NULL,
  zone TEXT,
  detail TEXT NOT NULL,
  PRIMARY KEY (person, session, event, at, hash)
) STRICT;
