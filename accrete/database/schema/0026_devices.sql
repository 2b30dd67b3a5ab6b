-- What a person last chose for all their machines: a tier, a pause, or that all of it be deleted.

CREATE TABLE person_choice (
  person INTEGER NOT NULL,
  what TEXT NOT NULL,
  amount INTEGER NOT NULL,
  device TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (person, what)
) STRICT;

-- The machines that sent something of a session, and how much of it each knows.
CREATE TABLE session_device (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  device TEXT NOT NULL,
  events INTEGER NOT NULL,
  tier INTEGER NOT NULL,
  wanted INTEGER NOT NULL,
  PRIMARY KEY (person, session, device)
) STRICT;

-- Rows that count once by their identity, as each machine and session has them, where there are several.
CREATE TABLE rival_row (
  person INTEGER NOT NULL,
  what TEXT NOT NULL,
  hash TEXT NOT NULL,
  session TEXT NOT NULL,
  device TEXT NOT NULL,
  fields TEXT NOT NULL,
  PRIMARY KEY (person, what, hash, session, device)
) STRICT;

CREATE INDEX rival_row_by_session ON rival_row (person, session, device);
