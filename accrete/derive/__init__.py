"""What the captured rows amount to: owners, totals, times, titles. Reads stored rows only."""
