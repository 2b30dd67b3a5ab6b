-- Since when a forge tells of a pull request what it does: asking again changes it only where something else is said.
ALTER TABLE pull_request ADD COLUMN told_at INTEGER;
UPDATE pull_request SET told_at = asked_at WHERE state IS NOT NULL;

-- The pull requests that a session opened or worked on, with what a forge said of each (accrete/record/pull_states.py). Derived
-- from session_pull, session_pull_request and pull_request; on a server what a machine sent.
CREATE TABLE session_pull_state (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  url TEXT NOT NULL,
  state TEXT,
  draft INTEGER,
  opened_at INTEGER,
  merged_at INTEGER,
  closed_at INTEGER,
  told_at INTEGER,
  PRIMARY KEY (person, session, url)
) STRICT;
CREATE INDEX session_pull_state_by_url ON session_pull_state (person, url);

INSERT INTO session_pull_state (person, session, url, state, draft, opened_at, merged_at, closed_at, told_at)
SELECT u.person, u.session, u.url, p.state, p.draft, p.opened_at, p.merged_at, p.closed_at, p.told_at
FROM (SELECT person, session, url FROM session_pull UNION SELECT person, session, url FROM session_pull_request) u
LEFT JOIN pull_request p ON p.person = u.person AND p.url = u.url;
