-- Whether any two sessions of the cluster share a prompt or a response, and all who hold a record see the same copies
-- of it: then what one of them owns is known by its own rows. 0 until the cluster is worked out again. Bookkeeping.
ALTER TABLE settled ADD COLUMN alike INTEGER NOT NULL DEFAULT 0;
