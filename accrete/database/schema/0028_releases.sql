-- What members may learn of their company and their team: made once for a block of four weeks, never again. Nobody's row.

CREATE TABLE release (
  block TEXT NOT NULL,
  last_day TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  waiting INTEGER NOT NULL,
  PRIMARY KEY (block)
) STRICT;

-- A group of a release: '' all people, '-' those of no team, else a team. `why`: what keeps it back, '' where nothing does.
CREATE TABLE release_group (
  block TEXT NOT NULL,
  team TEXT NOT NULL,
  people INTEGER NOT NULL,
  why TEXT NOT NULL,
  PRIMARY KEY (block, team)
) STRICT;

-- How many people of a group a practice is regular for, in a word; '' where every word would tell of somebody. `exact`: 0
-- where another word is said in the place of theirs, since that would tell of somebody; kept for a year, and given to nobody.
CREATE TABLE release_cell (
  block TEXT NOT NULL,
  team TEXT NOT NULL,
  practice TEXT NOT NULL,
  answer TEXT NOT NULL,
  exact INTEGER NOT NULL,
  versions TEXT NOT NULL,
  PRIMARY KEY (block, team, practice)
) STRICT;

-- Who counted in which group: for a year, so that nobody enters or leaves a group alone unseen.
CREATE TABLE counted (
  person INTEGER NOT NULL,
  block TEXT NOT NULL,
  team TEXT NOT NULL,
  PRIMARY KEY (person, block, team)
) STRICT;
CREATE INDEX counted_by_block ON counted (block, team);

-- A practice that a person offers to show to others.
CREATE TABLE teaching (
  person INTEGER NOT NULL,
  practice TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (person, practice)
) STRICT;
