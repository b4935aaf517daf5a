"""Drains against what agents have in hand: whoever is told to leave finishes its work before it is killed."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from functools import partial

from ...model import Call, Pool, Stated
from ..exact.expression import Expression, Order, Relation, largest, smallest, value
from ..flows import leaves
from ..flows.analysis import Analysis
from ..flows.longer_steps import longer_step
from ..flows.overheads import slowed
from ..obligation import Addition, Condition, Judged, Obligation, Proven
from ..words import seconds, written
from .slower import enough_among_all

_TRIED = "tried as a repair"


def drains(analysis: Analysis) -> list[Judged]:
    """Of pools whose callers may wait for longer than their drain: nobody else's requests outlast it."""
    found: list[Judged] = []
    for pool in analysis.fleet.pools:
        tail, calls = pool.each.service_p99_seconds, analysis.into(pool.name)
        if tail is None or not calls or all(_gives_up(call, pool.drain_seconds.value) for call in calls):
            continue
        make = partial(_lasts, analysis, pool)
        sure = tail.value <= pool.drain_seconds.value and not slowed(pool) and not longer_step(pool)
        found.append(Proven(f"drain/{pool.name}", pool.drain_seconds.span, "ST4402", make) if sure else make())
    return [one for one in found if analysis.wants(one.id)]


def _gives_up(call: Call, seconds: Fraction) -> bool:
    limit = call.policy.patience_seconds
    return limit is not None and limit.value <= seconds


def _lasts(analysis: Analysis, pool: Pool) -> Obligation:
    """Unsatisfiable iff the p99 of an agent's own work on a request outlasts the drain, and some caller would wait for
    it: then each agent that leaves takes more than 1 in 100 of such requests with it, in every update, every drain of a
    node and every time an autoscaler shrinks the pool, however slowly it goes.

    Source: a pod is killed when its grace period is over (Kubernetes, "Pod Lifecycle", termination of pods); the grace
    period that is compiled is the drain and a sleep in which new requests still come (`semantics.probes.grace`).
    Limits: an agent's own work; what it waits for in its calls comes on top, and requests that are half done when it is
    told to leave need less.
    """
    drain, tail = leaves.drain(pool), leaves.service_p99(pool)
    assert tail is not None
    calls = analysis.into(pool.name)
    patience = [limit for call in calls if (limit := leaves.patience(call)) is not None]
    need: Expression = smallest([tail, largest(patience)]) if len(patience) == len(calls) else tail
    told = f"{pool.name} {tail.demands}"
    broken = (
        f"{told} for a request, and is killed {seconds(drain.number)} after it is told to leave: each agent that an "
        "update, an autoscaler or a drained node takes away cuts off work that its callers still wait for"
    )
    room = f"{told} for a request, of {seconds(drain.number)} that it has once it is told to leave"
    return Obligation(
        id=f"drain/{pool.name}",
        claim=f"an agent of {pool.name} that is told to leave has time for what it has in hand",
        at=drain.stated.span,
        code="ST4402",
        must=(Condition(Relation(need, Order.AT_MOST, drain), broken, room),),
        proof=enough_among_all(pool, drain.number, f"and has {seconds(drain.number)} once it is told to leave"),
        gap=longer_step(pool),
        remedy="a longer drain, or fewer agents at the most, would decide it" if slowed(pool) else "",
        additions=() if pool.drain_seconds.written else (with_drain(analysis, pool, _rounded_up(value(need))),),
    )


def _rounded_up(needed: Fraction) -> int:
    """Whole seconds; from ten minutes on whole minutes, since nobody writes 24001s."""
    grain = 60 if needed >= 600 else 1
    return math.ceil(needed / grain) * grain


def with_drain(analysis: Analysis, pool: Pool, whole_seconds: int) -> Addition:
    """Another drain where none is written."""
    stated = Stated(Fraction(whole_seconds), pool.at, default=_TRIED)
    pools = tuple(replace(one, drain_seconds=stated) if one.name == pool.name else one for one in analysis.fleet.pools)
    text = f"write `drain {written(stated.value)}` in pool {pool.name}"
    return Addition(text, replace(analysis.fleet, pools=pools))
