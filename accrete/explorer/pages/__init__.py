"""One module a page: what is asked, and what the page says of the answers."""
