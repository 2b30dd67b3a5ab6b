"""Which project a folder belongs to: facts about folders in, projects out. Reads no database and
runs no git."""
