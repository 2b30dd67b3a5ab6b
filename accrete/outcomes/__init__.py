"""What came of the work: commits, pull requests, checks, edits, and what a session amounts to. Pure functions over stored rows."""
