-- The search index holds the words that accrete/terms.py makes of a text, not the text itself: a word is what stands
-- between spaces or ASCII punctuation. It is filled by store.freshen_search, from stored texts, at the next ingest.
DROP TABLE event_search;
CREATE VIRTUAL TABLE event_search USING fts5(words, content='', tokenize='ascii', columnsize=0);

-- Queued texts that went back into the input line, or were dropped, before Claude saw them, and stand nowhere else. Derived.
ALTER TABLE session ADD COLUMN prompts_taken_back INTEGER NOT NULL DEFAULT 0;
