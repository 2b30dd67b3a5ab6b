"""The edge of a local record: whose it is, which session runs, what names mean, and how an ingest is started."""
