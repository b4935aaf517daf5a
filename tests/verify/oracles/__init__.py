"""Small fleets, decided a second time by trying everything: nothing in here calls the semantics or the prover."""
