-- What a person shares: on their machine what the team server has acknowledged, on a server what it holds.

CREATE TABLE shared (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  what TEXT NOT NULL,
  tier INTEGER NOT NULL,
  hash TEXT NOT NULL,
  row_count INTEGER NOT NULL,
  device TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (person, session, what)
) STRICT;

-- A session that is no longer shared, and whether the server knows.
CREATE TABLE unshared (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  why TEXT NOT NULL,
  at INTEGER NOT NULL,
  told_at INTEGER,
  PRIMARY KEY (person, session)
) STRICT;

-- The id that a project leaves the machine under: a random one, or that of the company's published list.
CREATE TABLE shared_project (
  person INTEGER NOT NULL,
  project TEXT NOT NULL,
  leaves_as TEXT NOT NULL,
  PRIMARY KEY (person, project)
) STRICT;

-- The machines that may send a person's rows to this server.
CREATE TABLE device_token (
  person INTEGER NOT NULL,
  device TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  label TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  used_week TEXT,
  revoked_at INTEGER,
  PRIMARY KEY (person, device)
) STRICT;
