"""The MCP server: Claude asks about a person's own practices."""
