"""Disruption budgets: at the least agents that the autoscaler may leave, a drain can still move one."""

from __future__ import annotations

from functools import partial

from ...model import Disruption, Pool
from ...semantics.disruption import evictions_allowed, min_available
from ..exact.expression import Leaf, Order, Relation, derived, lift
from ..flows import leaves
from ..flows.analysis import Analysis
from ..obligation import Condition, Judged, Obligation, Proven
from ..words import counted, number, share


def disruptions(analysis: Analysis) -> list[Judged]:
    found: list[Judged] = []
    for pool in analysis.fleet.pools:
        rule = pool.disruption
        if rule is None:
            continue
        make = partial(_drains, pool, rule)
        sure = allowed(pool.agents_min.value, rule)[1] >= 1
        found.append(Proven(f"disruption/{pool.name}", rule.at, "ST4401", make) if sure else make())
    return found


def allowed(least: int, rule: Disruption) -> tuple[int, int]:
    """Agents that stay, and that may be evicted, of so many."""
    if rule.share is not None:
        stay = min_available(least, rule.share.value)
    else:
        assert rule.count is not None
        stay = max(0, least - rule.count.value)
    return stay, evictions_allowed(least, stay)


def may_be_gone(pool: Pool, rule: Disruption) -> Leaf:
    if rule.share is not None:
        said = f"at most {share(rule.share.value)} may be gone by choice"
        return Leaf(f"disruption of {pool.name}", rule.share, said)
    assert rule.count is not None
    said = f"at most {counted(rule.count.value, 'agent')} may be gone by choice"
    return Leaf(f"disruption of {pool.name}", rule.count, said)


def _drains(pool: Pool, disruption: Disruption) -> Obligation:
    """Unsatisfiable iff no eviction is allowed with the pool at its minimum.

    Source: https://kubernetes.io/docs/tasks/run-application/configure-pdb/; the budget is compiled to an integer
    minAvailable at the minimum size (`semantics.disruption`). Limits: all agents healthy; one that is not uses the
    allowance up. Of a pool that has grown more may be gone at once, down to as many as stay of the minimum: a budget
    that counts those who go is taken anew from whatever is left as members leave.
    """
    low, literal = leaves.agents_min(pool), may_be_gone(pool, disruption)
    least = pool.agents_min.value
    _, go = allowed(least, disruption)
    may_go = derived(f"agents of {pool.name} that may be evicted at the minimum", go, [literal, low])
    size = f"with {counted(least, 'agent')} of {pool.name}, its minimum,"
    text = f"{literal.demands}; {size} 0 evictions are allowed, and draining a node never ends"
    room = f"{size} {number(go)} may be evicted"
    most = leaves.agents_max(pool).number
    if most > least:
        room += (
            f"; of the {number(most)} that it may grow to {number(go + most - least)}, since {number(least - go)} stay"
        )
    return Obligation(
        id=f"disruption/{pool.name}",
        claim=f"a node with agents of {pool.name} can be drained at any time",
        at=disruption.at,
        code="ST4401",
        must=(Condition(Relation(lift(1), Order.AT_MOST, may_go), text, room),),
    )
