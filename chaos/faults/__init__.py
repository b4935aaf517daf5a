"""What is done to a running fleet: one fault a file, each logged before it strikes so that it can be undone."""
