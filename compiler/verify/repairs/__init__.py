"""A refuted guarantee -> the nearest changes of the spec that mend it, each tried before it is told."""
