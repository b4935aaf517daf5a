"""What was compiled, tried: a running fleet, load, faults, evidence, a verdict. The only room that acts on the world."""
