-- Words are runs of letters and digits, as on SQLite: PostgreSQL's own parser takes a path or a host for one word.
DROP INDEX event_search;
CREATE INDEX event_search ON event
  USING gin (to_tsvector('simple', regexp_replace(left(text, 200000), '[^[:alnum:]]+', ' ', 'g')))
  WHERE kind IN ('typed_prompt', 'slash_command', 'shell_input', 'queued_prompt', 'prompt_beside_result',
                 'assistant_text', 'tool_call');
