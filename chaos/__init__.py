"""What was compiled, tried: a running fleet, load, faults, evidence, a verdict. This room acts on the world."""
