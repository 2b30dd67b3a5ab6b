"""How answers are written: figures and words for the terminal, Markdown, HTML and a model. Asks nothing."""
