"""Maintains the record: deletes, redacts stored texts, rebuilds, backs up, exports."""
