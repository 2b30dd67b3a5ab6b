-- A card of the catalog that a lead or an administrator hid.
CREATE TABLE hidden_card (
  project TEXT NOT NULL,
  by_person INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (project)
) STRICT;
