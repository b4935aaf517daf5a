"""Health checks that wait behind requests: an agent that is merely busy is not taken for dead."""

from __future__ import annotations

from fractions import Fraction

from ...model import Health, Pool, Stated
from ...semantics.probes import restart_after, unready_within
from ..exact.expression import Leaf, Order, Relation
from ..flows import leaves
from ..flows.analysis import Analysis
from ..flows.longer_steps import longer_step
from ..flows.overheads import slowed
from ..obligation import Condition, Obligation
from ..words import counted, number, seconds
from .slower import enough_among_all


def checks_behind(analysis: Analysis) -> list[Obligation]:
    return [
        _survives(pool, pool.health, pool.health.behind_seconds)
        for pool in analysis.fleet.pools
        if pool.health is not None and pool.health.behind_seconds is not None
        if analysis.wants(f"health/{pool.name}/busy")
    ]


def _survives(pool: Pool, health: Health, stated: Stated[Fraction]) -> Obligation:
    """Unsatisfiable iff a check of an agent whose slots are all taken fails before the p99 of one request: it may then
    fail as often in a row as is counted for dead, and each agent that leaves makes the others busier.

    Source: Chef, "Supermarket Intermittent Unresponsiveness Postmortem" (2014); Google SRE book, ch. 22, "Health
    checking". Limits: the p99 that is stated is under load; a check that waits behind several requests waits longer.
    """
    limit = Leaf(
        f"time of a check of {pool.name}", stated, f"a check fails after {seconds(stated.value)}", positive=True
    )
    tail = leaves.service_p99(pool)
    id, claim = f"health/{pool.name}/busy", f"a busy agent of {pool.name} is not taken for dead"
    if tail is None:
        return Obligation(
            id,
            claim,
            stated.span,
            "ST4606",
            must=(),
            gap=f"{pool.name} does not state its p99 service time; write `service mean …, p99 …` in its `each`",
        )
    told = f"a check waits behind a request of up to {seconds(tail.number)} at p99, and fails after"
    most = pool.agents_min.value
    others = f", and each that leaves raises the load of the others to {_raised(most)}" if most > 1 else ""
    leaves_after = seconds(unready_within(health.every_seconds.value, health.fails_after.value))
    killed = counted(restart_after(health.fails_after.value), "failure")
    broken = (
        f"{told} {seconds(limit.number)}: busy agents of {pool.name} are taken out after {leaves_after} and killed "
        f"after {killed}{others}"
    )
    return Obligation(
        id=id,
        claim=claim,
        at=stated.span,
        code="ST4606",
        must=(Condition(Relation(tail, Order.AT_MOST, limit), broken, f"{told} {seconds(limit.number)}"),),
        proof=enough_among_all(pool, limit.number, f"and a check behind one fails after {seconds(limit.number)}"),
        gap=longer_step(pool),
        remedy="more time for a check, or fewer agents at the most, would decide it" if slowed(pool) else "",
    )


def _raised(agents: int) -> str:
    return f"{number(Fraction(agents, agents - 1))} times what it was"
