-- Which reader a row was read by, so that a better one can replace what an older one made of the same record.
-- Rows that were there before are of the first reader. session.reader is the oldest that any of its rows rests on.

ALTER TABLE source_file ADD COLUMN reader INTEGER NOT NULL DEFAULT 1;
ALTER TABLE session ADD COLUMN reader INTEGER NOT NULL DEFAULT 1;
ALTER TABLE event ADD COLUMN reader INTEGER NOT NULL DEFAULT 1;
ALTER TABLE prompt ADD COLUMN reader INTEGER NOT NULL DEFAULT 1;
ALTER TABLE response ADD COLUMN reader INTEGER NOT NULL DEFAULT 1;
ALTER TABLE tool_call ADD COLUMN reader INTEGER NOT NULL DEFAULT 1;
ALTER TABLE tool_call ADD COLUMN result_reader INTEGER NOT NULL DEFAULT 1;
ALTER TABLE agent_run ADD COLUMN reader INTEGER NOT NULL DEFAULT 1;
ALTER TABLE session_context ADD COLUMN reader INTEGER NOT NULL DEFAULT 1;
ALTER TABLE session_pull_request ADD COLUMN reader INTEGER NOT NULL DEFAULT 1;

-- 1 where an older reader read what the file no longer holds: it was cut or written anew since.
ALTER TABLE source_file ADD COLUMN lost INTEGER NOT NULL DEFAULT 0;
