"""Pages of one small record as they read: what is said, where it leads, and why it is unknown."""
