-- Long texts of calls are compressed each by itself (database/long_texts.py): a column of any type
-- holds a short text as it is, and a long one as the bytes of its frame.
CREATE TABLE tool_call_new (
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
  input ANY,
  input_cut INTEGER NOT NULL,
  sidechain INTEGER NOT NULL,
  embedded INTEGER NOT NULL,
  result_rank INTEGER NOT NULL DEFAULT 0,
  result_uuid TEXT,
  result_at INTEGER,
  status TEXT,
  is_error INTEGER,
  decision TEXT,
  decision_source TEXT,
  denial TEXT,
  error_class TEXT,
  output ANY,
  output_chars INTEGER,
  ms INTEGER,
  lines_added INTEGER,
  lines_removed INTEGER,
  patch ANY,
  patch_cut INTEGER,
  user_modified INTEGER,
  spawned TEXT,
  search_count INTEGER,
  detail TEXT,
  run TEXT NOT NULL DEFAULT '',
  prompt TEXT,
  reader INTEGER NOT NULL DEFAULT 1,
  result_reader INTEGER NOT NULL DEFAULT 1,
  answer TEXT,
  counted INTEGER NOT NULL DEFAULT 1,
  local_day TEXT,
  PRIMARY KEY (person, message_id, tool_use_id)
) STRICT;
INSERT INTO tool_call_new (
  person, message_id, tool_use_id, session, agent, uuid, seq, at, tool, variant, target, input,
  input_cut, sidechain, embedded, result_rank, result_uuid, result_at, status, is_error,
  decision, decision_source, denial, error_class, output, output_chars, ms, lines_added,
  lines_removed, patch, patch_cut, user_modified, spawned, search_count, detail, run, prompt,
  reader, result_reader, answer, counted, local_day
) SELECT
  person, message_id, tool_use_id, session, agent, uuid, seq, at, tool, variant, target,
  kept_text(input), input_cut, sidechain, embedded, result_rank, result_uuid, result_at, status,
  is_error, decision, decision_source, denial, error_class, kept_text(output), output_chars, ms,
  lines_added, lines_removed, kept_text(patch), patch_cut, user_modified, spawned, search_count,
  detail, run, prompt, reader, result_reader, answer, counted, local_day
FROM tool_call;
DROP TABLE tool_call;
ALTER TABLE tool_call_new RENAME TO tool_call;
CREATE INDEX tool_call_by_session ON tool_call (person, session, prompt);
CREATE INDEX tool_call_by_use ON tool_call (person, tool_use_id);
