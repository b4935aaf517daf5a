"""Arithmetic with a spec's literals still in it, and what the solver says of it. Knows no fleet."""
