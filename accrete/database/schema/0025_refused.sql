-- Rows that the team server did not take, by table and reason: sent again when they or a program change.

CREATE TABLE refused (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  what TEXT NOT NULL,
  why TEXT NOT NULL,
  row_count INTEGER NOT NULL,
  tier INTEGER NOT NULL,
  hash TEXT NOT NULL,
  version TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (person, session, what, why)
) STRICT;

-- The projects that a company published: on a server the list, on a machine a copy of it.
CREATE TABLE published_project (
  remote TEXT NOT NULL,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (remote)
) STRICT;
