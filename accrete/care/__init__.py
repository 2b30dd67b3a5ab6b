"""Keeps the record well: forget, redact the past, rebuild, back up, export."""
