"""Outcomes: commits, pull requests, checks, edits, and a session's result. Pure functions over
stored rows."""
