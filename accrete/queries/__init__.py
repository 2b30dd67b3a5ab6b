"""Every question, one function each: a Question to put to any of the databases."""
