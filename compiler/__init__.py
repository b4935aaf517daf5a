"""Clauses -> a model, what is proved of it, and the plan. Pure: no file, clock, network or randomness."""
