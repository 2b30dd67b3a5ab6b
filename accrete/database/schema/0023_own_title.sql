-- A title that a person gave a session; stands before every other. No transcript holds it.

CREATE TABLE session_title (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  text TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (person, session)
) STRICT;
