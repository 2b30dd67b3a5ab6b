-- The newest sessions of several people: DESC puts what has no time last here.
DROP INDEX IF EXISTS session_newest;
CREATE INDEX session_newest ON session (started_at DESC, id);
