"""Load: the load of a trial's plan as due times, and the generator that sends it."""
