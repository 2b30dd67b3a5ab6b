-- The search index holds the words that accrete/terms.py makes of a text, not the text itself: a word is what stands
-- between spaces or ASCII punctuation. It is filled by store.freshen_search, from stored texts, at the next ingest.
DROP TABLE event_search;
CREATE VIRTUAL TABLE event_search USING fts5(words, content='', tokenize='ascii', columnsize=0);
