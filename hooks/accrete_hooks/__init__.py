"""Capture of Claude Code sessions as they happen: the hook, and how it gets into settings."""
