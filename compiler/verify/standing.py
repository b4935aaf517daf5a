"""How a guarantee stands in two fleets that differ in literals -> whether it is worse in the second.

Invariant: worse is what was proved and is not, what was unknown and is refuted, and what is refuted still and farther
from what it needs: a change that mends one guarantee at the cost of another that fails already is no repair.
"""

from __future__ import annotations

from fractions import Fraction

from .exact.expression import Relation, value
from .finding import Status
from .obligation import Judged

RANK = {Status.REFUTED: 0, Status.UNKNOWN: 1, Status.PROVED: 2}


def is_worse(before: Judged | None, after: Judged) -> bool:
    """None: nobody could ask for it before, as for waits in a pool that could not keep up. It was not decided."""
    if before is None:
        return after.status is Status.REFUTED
    if after.status is not before.status:
        return RANK[after.status] < RANK[before.status]
    return after.status is Status.REFUTED and _lack(after) > _lack(before)


def _lack(refuted: Judged) -> tuple[bool, Fraction]:
    """How many times what there is is needed, at the condition that fails by most; more than that is any need of what
    there is nothing of."""
    return max(_times(one.relation) for one in refuted.must if not one.holds)


def _times(relation: Relation) -> tuple[bool, Fraction]:
    need, have = value(relation.need), value(relation.have)
    return (False, need / have) if have > 0 else (True, need - have)
