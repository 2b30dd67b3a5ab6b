-- PostgreSQL compresses long values by itself: what reads them on SQLite leaves them as they are.
CREATE FUNCTION text_of(stored TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS 'SELECT stored';
