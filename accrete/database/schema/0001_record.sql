-- Who, where, and what was captured. Times are UTC milliseconds; money is nano-dollars; NULL is "not known".
-- Columns under "derived" are worked out from the captured ones and carry no fact of their own.

CREATE TABLE person (
  id INTEGER PRIMARY KEY,
  uuid TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL
) STRICT;

CREATE TABLE device (
  person INTEGER NOT NULL,
  uuid TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (person, uuid)
) STRICT;

-- A folder that a session ran in, and what git said of it when it was first seen.
CREATE TABLE workdir (
  person INTEGER NOT NULL,
  cwd TEXT NOT NULL,
  project TEXT NOT NULL,
  PRIMARY KEY (person, cwd)
) STRICT;

CREATE TABLE project (
  person INTEGER NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  remote TEXT,
  root TEXT NOT NULL,
  PRIMARY KEY (person, id)
) STRICT;

CREATE TABLE session (
  person INTEGER NOT NULL,
  id TEXT NOT NULL,
  client TEXT NOT NULL DEFAULT 'claude-code',
  zone TEXT NOT NULL,
  zone_assumed INTEGER NOT NULL DEFAULT 1,
  stale INTEGER NOT NULL DEFAULT 1,
  source_missing_at INTEGER,
  -- derived
  derived_version INTEGER NOT NULL DEFAULT 0,
  project TEXT,
  cwd TEXT,
  branch TEXT,
  version TEXT,
  entrypoint TEXT,
  title TEXT,
  title_source TEXT,
  automated INTEGER NOT NULL DEFAULT 0,
  automated_reason TEXT,
  forked_from TEXT,
  started_at INTEGER,
  ended_at INTEGER,
  local_day TEXT,
  hour_of_week INTEGER,
  wall_ms INTEGER,
  active_ms INTEGER,
  work_blocks INTEGER NOT NULL DEFAULT 0,
  prompts INTEGER NOT NULL DEFAULT 0,
  prompts_queued INTEGER NOT NULL DEFAULT 0,
  prompts_replayed INTEGER NOT NULL DEFAULT 0,
  interruptions INTEGER NOT NULL DEFAULT 0,
  compactions INTEGER NOT NULL DEFAULT 0,
  api_errors INTEGER NOT NULL DEFAULT 0,
  plan_mode INTEGER NOT NULL DEFAULT 0,
  agents INTEGER NOT NULL DEFAULT 0,
  tool_calls INTEGER NOT NULL DEFAULT 0,
  tool_errors INTEGER NOT NULL DEFAULT 0,
  responses_own INTEGER NOT NULL DEFAULT 0,
  responses_delegated INTEGER NOT NULL DEFAULT 0,
  tokens_own INTEGER NOT NULL DEFAULT 0,
  tokens_delegated INTEGER NOT NULL DEFAULT 0,
  cost_own_nano INTEGER NOT NULL DEFAULT 0,
  cost_delegated_nano INTEGER NOT NULL DEFAULT 0,
  unpriced INTEGER NOT NULL DEFAULT 0,
  lower_bound INTEGER NOT NULL DEFAULT 0,
  client_cost_nano INTEGER,
  PRIMARY KEY (person, id)
) STRICT;
CREATE INDEX session_by_start ON session (person, started_at);
CREATE INDEX session_by_project ON session (person, project);

-- One classified part of one record. `seq` orders a session's main line and each agent's line (it is the byte
-- offset of the record in its file); the smallest is kept for messages, the largest for repeated bookkeeping.
CREATE TABLE event (
  id INTEGER PRIMARY KEY,
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  agent TEXT NOT NULL,
  uuid TEXT NOT NULL,
  part INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER,
  kind TEXT NOT NULL,
  name TEXT,
  text TEXT,
  size INTEGER NOT NULL,
  message_id TEXT,
  tool_use_id TEXT,
  parent TEXT,
  sidechain INTEGER NOT NULL,
  embedded INTEGER NOT NULL,
  forked_from TEXT
) STRICT;
CREATE UNIQUE INDEX event_identity ON event (person, session, agent, uuid, part);
CREATE INDEX event_by_message ON event (person, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX event_unknown ON event (person, session) WHERE kind = 'unknown';
CREATE INDEX event_summary ON event (person, parent) WHERE kind = 'summary_title';

-- What each record's envelope said of its session: one row for each different saying, not one a line.
CREATE TABLE session_context (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  cwd TEXT NOT NULL,
  branch TEXT NOT NULL,
  version TEXT NOT NULL,
  entrypoint TEXT NOT NULL,
  teammate TEXT NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  PRIMARY KEY (person, session, cwd, branch, version, entrypoint, teammate)
) STRICT;

CREATE TABLE prompt (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  uuid TEXT NOT NULL,
  kind TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER,
  command TEXT,
  chars INTEGER NOT NULL,
  images INTEGER NOT NULL,
  permission_mode TEXT,
  source TEXT,
  branch TEXT,
  -- derived
  number INTEGER,
  replayed INTEGER NOT NULL DEFAULT 0,
  interrupted INTEGER NOT NULL DEFAULT 0,
  local_day TEXT,
  hour_of_week INTEGER,
  ended_at INTEGER,
  active_ms INTEGER,
  responses INTEGER NOT NULL DEFAULT 0,
  tool_calls INTEGER NOT NULL DEFAULT 0,
  tokens_own INTEGER NOT NULL DEFAULT 0,
  tokens_delegated INTEGER NOT NULL DEFAULT 0,
  cost_own_nano INTEGER NOT NULL DEFAULT 0,
  cost_delegated_nano INTEGER NOT NULL DEFAULT 0,
  unpriced INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (person, session, uuid)
) STRICT;
CREATE INDEX prompt_by_record ON prompt (person, uuid, session);

-- One API response. `session` and `agent` are its owner; `contested` says that others hold copies of it.
CREATE TABLE response (
  person INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  session TEXT NOT NULL,
  agent TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER,
  ended_at INTEGER,
  model TEXT,
  version TEXT,
  branch TEXT,
  skill TEXT,
  effort TEXT,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cache_read_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL,
  cache_write_5m_tokens INTEGER NOT NULL,
  cache_write_1h_tokens INTEGER NOT NULL,
  thinking_tokens INTEGER NOT NULL,
  web_searches INTEGER NOT NULL,
  has_usage INTEGER NOT NULL,
  stop_reason TEXT,
  speed TEXT,
  geo TEXT,
  tier TEXT,
  error TEXT,
  synthetic INTEGER NOT NULL,
  embedded INTEGER NOT NULL,
  sidechain INTEGER NOT NULL,
  contested INTEGER NOT NULL,
  -- derived
  counted INTEGER NOT NULL DEFAULT 1,
  run TEXT NOT NULL DEFAULT '',
  prompt TEXT,
  searches_credited INTEGER NOT NULL DEFAULT 0,
  local_day TEXT,
  hour_of_week INTEGER,
  lower_bound INTEGER NOT NULL DEFAULT 0,
  cost_nano INTEGER,
  cost_basis TEXT,
  price_version TEXT,
  PRIMARY KEY (person, message_id, request_id)
) STRICT;
CREATE INDEX response_by_session ON response (person, session);
CREATE INDEX response_contested ON response (person, contested) WHERE contested = 1;

CREATE TABLE tool_call (
  person INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  tool_use_id TEXT NOT NULL,
  session TEXT NOT NULL,
  agent TEXT NOT NULL,
  uuid TEXT NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER,
  tool TEXT NOT NULL,
  variant TEXT,
  target TEXT,
  input TEXT,
  input_cut INTEGER NOT NULL,
  sidechain INTEGER NOT NULL,
  embedded INTEGER NOT NULL,
  -- the result
  result_rank INTEGER NOT NULL DEFAULT 0,
  result_uuid TEXT,
  result_at INTEGER,
  status TEXT,
  is_error INTEGER,
  decision TEXT,
  decision_source TEXT,
  denial TEXT,
  error_class TEXT,
  output TEXT,
  output_chars INTEGER,
  ms INTEGER,
  lines_added INTEGER,
  lines_removed INTEGER,
  patch TEXT,
  patch_cut INTEGER,
  user_modified INTEGER,
  spawned TEXT,
  search_count INTEGER,
  detail TEXT,
  -- derived
  run TEXT NOT NULL DEFAULT '',
  prompt TEXT,
  PRIMARY KEY (person, message_id, tool_use_id)
) STRICT;
CREATE INDEX tool_call_by_session ON tool_call (person, session);
CREATE INDEX tool_call_by_use ON tool_call (person, tool_use_id);

-- A result whose call was not read yet: it waits here. `result` is a JSON array of its columns.
CREATE TABLE waiting_result (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  agent TEXT NOT NULL,
  tool_use_id TEXT NOT NULL,
  call_uuid TEXT NOT NULL,
  seq INTEGER NOT NULL,
  result TEXT NOT NULL,
  PRIMARY KEY (person, tool_use_id, session, agent, seq)
) STRICT;

-- What stands of a subagent outside its own lines: its .meta.json, the parent's call, the progress records.
CREATE TABLE agent_run (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  agent TEXT NOT NULL,
  type TEXT,
  task TEXT,
  name TEXT,
  tool_use_id TEXT,
  parent_agent TEXT,
  workflow TEXT,
  layout TEXT,
  -- derived
  shown_type TEXT,
  shown_task TEXT,
  started_by TEXT,
  replayed INTEGER NOT NULL DEFAULT 0,
  prompt TEXT,
  model TEXT,
  started_at INTEGER,
  ended_at INTEGER,
  responses INTEGER NOT NULL DEFAULT 0,
  tool_calls INTEGER NOT NULL DEFAULT 0,
  tokens INTEGER NOT NULL DEFAULT 0,
  cost_nano INTEGER NOT NULL DEFAULT 0,
  unpriced INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (person, session, agent)
) STRICT;

-- Responses of one session added up: what cost and token questions read. Derived.
CREATE TABLE session_usage (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  local_day TEXT NOT NULL,
  model TEXT NOT NULL,
  branch TEXT NOT NULL,
  delegated INTEGER NOT NULL,
  responses INTEGER NOT NULL,
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  cache_read_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL,
  web_searches INTEGER NOT NULL,
  cost_nano INTEGER NOT NULL,
  unpriced INTEGER NOT NULL,
  lower_bound INTEGER NOT NULL,
  PRIMARY KEY (person, session, local_day, model, branch, delegated)
) STRICT;

-- Tool calls of one session added up by tool. Derived.
CREATE TABLE session_tool (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  tool TEXT NOT NULL,
  calls INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  PRIMARY KEY (person, session, tool)
) STRICT;

CREATE TABLE pull_request (
  person INTEGER NOT NULL,
  url TEXT NOT NULL,
  number INTEGER,
  repository TEXT,
  PRIMARY KEY (person, url)
) STRICT;

CREATE TABLE session_pull_request (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  url TEXT NOT NULL,
  at INTEGER,
  PRIMARY KEY (person, session, url)
) STRICT;

-- A stretch of work in one session without a pause longer than the setting (10 minutes).
CREATE TABLE work_block (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  active_ms INTEGER NOT NULL,
  local_day TEXT NOT NULL,
  PRIMARY KEY (person, session, started_at)
) STRICT;

-- What `history.jsonl` remembers: prompts, some older than any transcript. A kind of their own.
CREATE TABLE typed_history (
  person INTEGER NOT NULL,
  id TEXT NOT NULL,
  at INTEGER,
  project_path TEXT,
  session TEXT,
  text TEXT NOT NULL,
  PRIMARY KEY (person, id)
) STRICT;

-- A file that was read. Never leaves this machine.
CREATE TABLE source_file (
  id INTEGER PRIMARY KEY,
  person INTEGER NOT NULL,
  path TEXT NOT NULL,
  root TEXT NOT NULL,
  layout TEXT NOT NULL,
  session TEXT,
  device INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  ctime_ns INTEGER NOT NULL,
  meta_mtime_ns INTEGER NOT NULL,
  head_length INTEGER NOT NULL,
  head_hash TEXT NOT NULL,
  tail_hash TEXT NOT NULL,
  read_to INTEGER NOT NULL,
  counts TEXT NOT NULL,
  tail_counts TEXT NOT NULL,
  read_at INTEGER NOT NULL,
  missing_at INTEGER,
  error TEXT
) STRICT;
CREATE UNIQUE INDEX source_file_path ON source_file (person, path);
CREATE INDEX source_file_session ON source_file (person, session);

-- What its owner deleted and does not want back: a session, a project, or everything up to an instant.
CREATE TABLE forgotten (
  person INTEGER NOT NULL,
  what TEXT NOT NULL,
  value TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (person, what, value)
) STRICT;

CREATE TABLE fact (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
