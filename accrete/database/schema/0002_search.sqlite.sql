-- Full-text search on SQLite: an external-content FTS5 index over the searchable events' text.
CREATE VIRTUAL TABLE event_search USING fts5(
  text, content='event', content_rowid='id', tokenize='unicode61 remove_diacritics 2', columnsize=0
);
