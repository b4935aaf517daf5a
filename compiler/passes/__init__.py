"""Clauses -> the model: names resolved, units normalised, defaults filled in with their source; a part a file."""
