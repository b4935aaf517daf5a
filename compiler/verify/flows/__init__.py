"""A fleet -> what flows through its call graph: rates, agents, waits and their tails, while nothing fails."""
