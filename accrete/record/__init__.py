"""The stored record: rows, files read, the spool, deletions."""
