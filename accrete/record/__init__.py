"""What is stored and how: rows, the files that were read, the spool, what was forgotten."""
