-- The search index holds the words that accrete/terms.py makes of a text, one space between two of them. It is filled by
-- store.freshen_search, from stored texts.
DROP INDEX event_search;
CREATE TABLE event_search (
  id BIGINT PRIMARY KEY,
  words TEXT NOT NULL
);
CREATE INDEX event_search_words ON event_search USING gin (array_to_tsvector(string_to_array(words, ' ')));

-- Queued texts that went back into the input line, or were dropped, before Claude saw them, and stand nowhere else. Derived.
ALTER TABLE session ADD COLUMN prompts_taken_back INTEGER NOT NULL DEFAULT 0;
