-- What a lead tries with a team: one practice, some weeks, one figure that was fixed beforehand. Who is in it are the members of
-- the team on the day on which it starts.
CREATE TABLE experiment (
  id TEXT NOT NULL,
  team TEXT NOT NULL,
  practice TEXT NOT NULL,
  metric TEXT NOT NULL,
  start_week TEXT NOT NULL,
  weeks INTEGER NOT NULL,
  by_person INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  ended_at INTEGER,
  PRIMARY KEY (id)
) STRICT;
CREATE INDEX experiment_by_team ON experiment (team, start_week);

-- What a lead does not want to be told for a while.
CREATE TABLE put_off (
  person INTEGER NOT NULL,
  item TEXT NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (person, item)
) STRICT;
