"""The team server: what developers chose to share, in one database per company."""
