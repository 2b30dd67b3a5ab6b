"""Every question, one function each: returns a Question for either database."""
