-- Inferences that are billed beside a response's usage, refusals, and prices that are assumed.

-- The category of a refusal (`stop_details.category`).
ALTER TABLE response ADD COLUMN refusal TEXT;
-- `usage.iterations` where it says more than the usage: a JSON array of entries, see transcript/usage.py.
ALTER TABLE response ADD COLUMN iterations TEXT;

ALTER TABLE session_usage ADD COLUMN price_assumed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN price_assumed INTEGER NOT NULL DEFAULT 0;

-- An inference billed beside the usage of its response: an advisor's, a compaction, an attempt before a fallback.
-- Derived from `response.iterations`; its session, run, prompt and day are the response's.
CREATE TABLE inference (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  message_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  part INTEGER NOT NULL,
  at INTEGER,
  kind TEXT NOT NULL,
  model TEXT,
  branch TEXT,
  skill TEXT,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cache_read_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL,
  cache_write_5m_tokens INTEGER NOT NULL,
  cache_write_1h_tokens INTEGER NOT NULL,
  speed TEXT,
  geo TEXT,
  tier TEXT,
  refusal TEXT,
  run TEXT NOT NULL,
  prompt TEXT,
  local_day TEXT,
  hour_of_week INTEGER,
  cost_nano INTEGER,
  cost_basis TEXT NOT NULL,
  price_version TEXT NOT NULL,
  PRIMARY KEY (person, session, message_id, request_id, part)
) STRICT;
