-- What changed of sessions, and what of them the team server was found to have: a sync reads only the others.

-- A number that whatever changes rows of a session raises; none where it was never derived again. Bookkeeping.
CREATE TABLE session_change (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (person, session)
) STRICT;

-- The sessions of which the server has all that is shared. `n` is that of session_change at the time; `basis` is a
-- hash of what else decides what is sent.
CREATE TABLE compared (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  n INTEGER NOT NULL,
  basis TEXT NOT NULL,
  PRIMARY KEY (person, session)
) STRICT;
