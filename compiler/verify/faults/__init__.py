"""A fleet and the faults of its trials -> what they spoil: tries, requests, times."""
