-- Lines whose ids a gateway gave stand for themselves until it is worked out which of them are one answer. answer: the
-- message id of the line whose usage counts for the answer, where that is another line. counted: 0 for a call that
-- another line of its answer repeats.

-- derived
ALTER TABLE response ADD COLUMN answer TEXT;
ALTER TABLE tool_call ADD COLUMN answer TEXT;
ALTER TABLE tool_call ADD COLUMN counted INTEGER NOT NULL DEFAULT 1;
