-- Few events are embedded in progress records, and few are marks: found without looking at the others.
CREATE INDEX event_embedded ON event (person, message_id) WHERE embedded > 0;
CREATE INDEX event_mark ON event (person, kind, uuid)
  WHERE kind IN ('compact_boundary', 'microcompact_boundary', 'api_error', 'interruption');
