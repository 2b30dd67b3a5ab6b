-- The words of an event with whose it is: a search over some people reads theirs alone. btree_gin, which an owner of a
-- database may install, lets the index hold the person too. It is filled by store.freshen_search, from stored texts.
CREATE EXTENSION IF NOT EXISTS btree_gin;
DROP TABLE event_search;
CREATE TABLE event_search (
  id BIGINT PRIMARY KEY,
  person BIGINT NOT NULL,
  words TEXT NOT NULL,
  found tsvector GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED
);
CREATE INDEX event_search_found ON event_search USING gin (person, found);
DELETE FROM fact WHERE name = 'search_index';
