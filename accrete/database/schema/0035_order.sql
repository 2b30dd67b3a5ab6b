-- The order of a person's messages on a server (docs/decisions/0026-order-of-messages.md).

-- The first of the numbers that were handed out last; messages up to `floor` are not taken any more.
CREATE TABLE message_number (
  person INTEGER NOT NULL,
  number INTEGER NOT NULL,
  floor INTEGER NOT NULL,
  PRIMARY KEY (person)
) STRICT;

-- What is held of a machine's session: `whole` is the number of the last message that said all of it, or took it back; `parts` the
-- numbers of the tables that came after that, as JSON; `missed` that of the last one that could not be taken without the rest.
CREATE TABLE message_order (
  person INTEGER NOT NULL,
  session TEXT NOT NULL,
  device TEXT NOT NULL,
  whole INTEGER NOT NULL,
  parts TEXT NOT NULL,
  missed INTEGER NOT NULL,
  PRIMARY KEY (person, session, device)
) STRICT;

-- The number of the message that took the session back.
ALTER TABLE unshared ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
