-- The newest sessions of several people.
DROP INDEX IF EXISTS session_newest;
CREATE INDEX session_newest ON session (started_at DESC NULLS LAST, id);
