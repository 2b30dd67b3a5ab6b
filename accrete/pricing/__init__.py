"""The cost of a response: a dated price table and one calculation."""
