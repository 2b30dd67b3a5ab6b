-- The newest sessions of several people.
CREATE INDEX session_newest ON session (started_at DESC NULLS LAST, id);
