-- How many bytes the shared rows take; 0 for those that were shared before it was counted.
ALTER TABLE shared ADD COLUMN byte_count INTEGER NOT NULL DEFAULT 0;
