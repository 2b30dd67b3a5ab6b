"""Formats answers for the terminal, Markdown, HTML and a model. Asks nothing."""
