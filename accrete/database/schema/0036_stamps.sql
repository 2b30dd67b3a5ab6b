-- A number by which a server knows whether anything of a person's week changed since it added the week up.
CREATE TABLE week_stamp (
  person INTEGER NOT NULL,
  week TEXT NOT NULL,
  stamp INTEGER NOT NULL,
  PRIMARY KEY (person, week)
) STRICT;
