-- What a forge said about a pull request when it was asked (accrete/ingest/pull_states.py). state: open, merged, closed;
-- NULL until a forge told. fault: why the last asking brought nothing; faults: how many in a row did.
ALTER TABLE pull_request ADD COLUMN state TEXT;
ALTER TABLE pull_request ADD COLUMN draft INTEGER;
ALTER TABLE pull_request ADD COLUMN opened_at INTEGER;
ALTER TABLE pull_request ADD COLUMN merged_at INTEGER;
ALTER TABLE pull_request ADD COLUMN closed_at INTEGER;
ALTER TABLE pull_request ADD COLUMN asked_at INTEGER;
ALTER TABLE pull_request ADD COLUMN fault TEXT;
ALTER TABLE pull_request ADD COLUMN faults INTEGER NOT NULL DEFAULT 0;
-- Sessions are found by the address of what they opened or worked on.
CREATE INDEX session_pull_by_url ON session_pull (person, url);
CREATE INDEX session_pull_request_by_url ON session_pull_request (person, url);
