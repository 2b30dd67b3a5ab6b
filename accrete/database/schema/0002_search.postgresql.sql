-- Full-text search on PostgreSQL: an index over the searchable events' text.
CREATE INDEX event_search ON event USING gin (to_tsvector('simple', left(text, 200000)))
  WHERE kind IN ('typed_prompt', 'slash_command', 'shell_input', 'queued_prompt', 'prompt_beside_result',
                 'assistant_text', 'tool_call');
