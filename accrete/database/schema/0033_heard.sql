-- Which machines asked after what a person last chose on another one, or on a page.

CREATE TABLE choice_heard (
  person INTEGER NOT NULL,
  what TEXT NOT NULL,
  device TEXT NOT NULL,
  PRIMARY KEY (person, what, device)
) STRICT;

-- What was billed on days of a range, and no day before it.
CREATE INDEX session_usage_by_day ON session_usage (person, local_day);
