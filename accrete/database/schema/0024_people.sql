-- Who may sign in to a company's pages, what they may see there, and who looked. On a person's own machine these are empty.

CREATE TABLE account (
  person INTEGER NOT NULL,
  email TEXT,
  admin INTEGER NOT NULL,
  job TEXT NOT NULL,
  start_month TEXT NOT NULL,
  zone TEXT NOT NULL,
  password TEXT,
  subject TEXT,
  made_at INTEGER NOT NULL,
  paused_at INTEGER,
  left_at INTEGER,
  PRIMARY KEY (person)
) STRICT;
CREATE UNIQUE INDEX account_email ON account (email);
CREATE UNIQUE INDEX account_subject ON account (subject);
INSERT INTO account (person, admin, job, start_month, zone, made_at)
SELECT DISTINCT person, 0, '', '', 'UTC', 0 FROM device_token;

-- One line to sign in with for the first time, or with a new password.
CREATE TABLE invitation (
  person INTEGER NOT NULL,
  hash TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  until INTEGER NOT NULL,
  used_at INTEGER,
  PRIMARY KEY (person, hash)
) STRICT;
CREATE UNIQUE INDEX invitation_hash ON invitation (hash);

CREATE TABLE sign_in (
  person INTEGER NOT NULL,
  hash TEXT NOT NULL,
  how TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  until INTEGER NOT NULL,
  ended_at INTEGER,
  PRIMARY KEY (person, hash)
) STRICT;
CREATE UNIQUE INDEX sign_in_hash ON sign_in (hash);

CREATE TABLE team (
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  gone_at INTEGER,
  PRIMARY KEY (id)
) STRICT;

-- Who is in a team, and who leads it, from a moment on that everybody in it has heard of.
CREATE TABLE team_place (
  person INTEGER NOT NULL,
  team TEXT NOT NULL,
  role TEXT NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (person, team, role, since)
) STRICT;
CREATE INDEX team_place_by_team ON team_place (team, role);

-- Written before another person's words are sent.
CREATE TABLE look (
  person INTEGER NOT NULL,
  id TEXT NOT NULL,
  at INTEGER NOT NULL,
  viewer INTEGER NOT NULL,
  what TEXT NOT NULL,
  session TEXT,
  why TEXT,
  PRIMARY KEY (person, id)
) STRICT;
CREATE INDEX look_by_time ON look (person, at);

-- An administrator's way to one person's sessions: announced to that person at once, and short.
CREATE TABLE opening (
  person INTEGER NOT NULL,
  admin INTEGER NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  why TEXT NOT NULL,
  PRIMARY KEY (person, admin, since)
) STRICT;

-- What a company switched, and from when on; `by_person` said so at `made_at`.
CREATE TABLE company_setting (
  name TEXT NOT NULL,
  since INTEGER NOT NULL,
  value TEXT NOT NULL,
  by_person INTEGER,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (name, since)
) STRICT;

-- What administrators and people did with accounts, teams, tokens and settings.
CREATE TABLE audit (
  id TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor INTEGER,
  what TEXT NOT NULL,
  about TEXT NOT NULL,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX audit_by_time ON audit (at);
