-- What else the client says a response was made for: a plugin, an MCP server.
ALTER TABLE response ADD COLUMN plugin TEXT;
ALTER TABLE response ADD COLUMN mcp_server TEXT;
ALTER TABLE inference ADD COLUMN plugin TEXT;
ALTER TABLE inference ADD COLUMN mcp_server TEXT;
