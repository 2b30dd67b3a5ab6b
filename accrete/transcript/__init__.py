"""The only code that knows Claude Code's files."""
