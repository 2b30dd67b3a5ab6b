"""The edge of a local record: its person, the running session, names, and how an ingest is
started."""
