"""Captures Claude Code sessions as they happen: the hook, and its entry in settings."""
