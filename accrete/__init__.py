"""Accrete: a durable record of how you work with Claude Code."""

__version__ = "0.1.0"
