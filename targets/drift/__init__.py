"""What is there against what was compiled: two sets of objects -> differences, and the clauses that they are about.

Invariant: what a server fills in is no difference, and neither is another spelling of the same amount.
"""

from .clauses import Changed, changed
from .compare import Difference, differences

__all__ = ["Changed", "Difference", "changed", "differences"]
