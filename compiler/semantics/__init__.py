"""What a policy means, as plain functions of plain numbers.

Each rule stands here once, beside its source; the checker proves with it, the simulator steps with it and the local
trial runs it. Nothing here knows the model, a file, a clock or a random number.
"""
