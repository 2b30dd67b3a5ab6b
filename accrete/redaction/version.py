"""The version of the redaction patterns, apart from them: they take long to import."""

REDACTION_VERSION = 12
"""Raise it with every change here: what is stored is then gone over again."""
