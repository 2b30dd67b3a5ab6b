"""The web pages: a person's own sessions on their machine, a company's on a server."""
