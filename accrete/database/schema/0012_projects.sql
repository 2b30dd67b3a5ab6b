-- What this machine said of a folder, apart from the project that is worked out of it; the worktrees that sessions tell
-- of; and what a person says of their projects. `project` is derived from here on.

-- leads_to: where the folder leads. root, remote: the main work tree that holds it, `host/owner/name`. there: it existed.
ALTER TABLE workdir ADD COLUMN leads_to TEXT;
ALTER TABLE workdir ADD COLUMN root TEXT;
ALTER TABLE workdir ADD COLUMN remote TEXT;
ALTER TABLE workdir ADD COLUMN there INTEGER NOT NULL DEFAULT 0;
ALTER TABLE workdir ADD COLUMN asked_at INTEGER;
-- derived, as `project` is
ALTER TABLE workdir ADD COLUMN how TEXT;

-- What git said to older versions was said once: it counts until the folder is asked again. What they knew by a rule of
-- theirs, or by another spelling, is worked out anew.
UPDATE workdir SET there = 1,
  root = (SELECT p.root FROM project p WHERE p.person = workdir.person AND p.id = workdir.project),
  remote = (SELECT p.remote FROM project p WHERE p.person = workdir.person AND p.id = workdir.project)
WHERE EXISTS (SELECT 1 FROM project p WHERE p.person = workdir.person AND p.id = workdir.project
  AND (p.remote IS NOT NULL OR (p.root <> RTRIM(workdir.cwd, '/') AND workdir.cwd LIKE '/%'
    AND workdir.cwd NOT LIKE '%/.claude/worktrees/%')));

-- short: the name without what tells it from namesakes. ids: its id and those it had or would have by itself, with
-- spaces between them.
ALTER TABLE project ADD COLUMN short TEXT;
ALTER TABLE project ADD COLUMN how TEXT;
ALTER TABLE project ADD COLUMN ids TEXT NOT NULL DEFAULT '';

-- A worktree that a session made, listed or was in, and a folder of its repository. Derived.
CREATE TABLE session_worktree (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  worktree TEXT NOT NULL,
  repository TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (person, session, worktree, repository)
) STRICT;

-- A worktree that git has on its list for a repository of this machine, or had when it was asked.
CREATE TABLE git_worktree (
  person INTEGER NOT NULL,
  worktree TEXT NOT NULL,
  repository TEXT NOT NULL,
  PRIMARY KEY (person, worktree, repository)
) STRICT;

-- A person's own words: merge (project id, the id it is part of), split (folder, the folder its project is known by),
-- name (project id, what it is called). label: what it was called when this was said.
CREATE TABLE project_word (
  person INTEGER NOT NULL,
  what TEXT NOT NULL,
  subject TEXT NOT NULL,
  value TEXT NOT NULL,
  label TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (person, what, subject)
) STRICT;
