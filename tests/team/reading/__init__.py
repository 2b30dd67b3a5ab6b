"""Pages of the team server for a company that is made up, held as texts."""
