"""The numbered schema files: applied in order, never edited once shipped."""
