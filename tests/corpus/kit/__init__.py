"""Makes the conformance cases of tests/corpus: `python -m tests.corpus.kit --write`."""
