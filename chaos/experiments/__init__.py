"""Experiments: the faults of a trial as a Chaos Toolkit experiment, and the child process that runs it."""
