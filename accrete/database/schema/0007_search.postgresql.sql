-- Words are what stands between ASCII spaces and punctuation, whatever the database's locale: PostgreSQL's own parser takes a
-- path or a host for one word. queries/search.py has the same class.
DROP INDEX event_search;
CREATE INDEX event_search ON event
  USING gin (to_tsvector('simple', regexp_replace(left(text, 200000), '[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+', ' ', 'g')))
  WHERE kind IN ('typed_prompt', 'slash_command', 'shell_input', 'queued_prompt', 'prompt_beside_result',
                 'assistant_text', 'tool_call');
