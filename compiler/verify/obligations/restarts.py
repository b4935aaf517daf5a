"""Restarts of failed agents: the breaker on them lets a single failure through, and the faults that are declared."""

from __future__ import annotations

import math
from fractions import Fraction

from ...model import HangFault, KillFault, Pool, Restarts
from ..exact.expression import Leaf, Order, Relation, derived, lift
from ..faults.outages import most_dead, strikes
from ..flows import leaves
from ..flows.analysis import Analysis
from ..obligation import Condition, Obligation
from ..words import counted, seconds, share


def restarts(analysis: Analysis) -> list[Obligation]:
    found: list[Obligation] = []
    for pool in analysis.fleet.pools:
        rule = pool.health.restarts if pool.health is not None else None
        if rule is None:
            continue
        if rule.pause_above is not None:
            pause = Leaf(
                f"share of {pool.name} above which restarts pause",
                rule.pause_above,
                f"restarts pause above {share(rule.pause_above.value)} failing",
            )
            found.append(_one_failure(pool, pause))
            found += _faults(analysis, pool, pause)
        found += _backoff(analysis, pool, rule)
    return [one for one in found if analysis.wants(one.id)]


def _one_failure(pool: Pool, pause: Leaf) -> Obligation:
    """Unsatisfiable iff at the least agents one failure is already a larger share than restarts pause above."""
    low = leaves.agents_min(pool)
    whole = derived(
        f"agents of {pool.name} that may fail at its minimum", math.floor(low.number * pause.number), [low, pause]
    )
    broken = (
        f"one of {counted(low.number, 'agent')} of {pool.name} is {share(Fraction(1) / low.number)}, more than the "
        f"{share(pause.number)} above which restarts pause: a single failure is never mended"
    )
    room = f"{counted(whole.number, 'agent')} of {pool.name} may fail at its minimum before restarts pause"
    return Obligation(
        id=f"restart/{pool.name}/one",
        claim=f"one failed agent of {pool.name} is always restarted",
        at=pause.stated.span,
        code="ST4601",
        must=(Condition(Relation(lift(1), Order.AT_MOST, whole), broken, room),),
    )


def _faults(analysis: Analysis, pool: Pool, pause: Leaf) -> list[Obligation]:
    """Unsatisfiable iff a declared fault fails a larger share of the pool at once than restarts pause above, while a
    recovery is promised: then nobody is started again. The share is the largest over the sizes that the bounds allow.
    """
    conditions: list[Condition] = []
    for trial in analysis.fleet.trials:
        for strike in strikes(trial):
            fault = strike.fault
            if not isinstance(fault, KillFault | HangFault) or fault.pool.value != pool.name:
                continue
            stated = fault.share if fault.share is not None else fault.count
            assert stated is not None
            what = "kill" if isinstance(fault, KillFault) else "hang"
            hit = leaves.of_trial(f"{what} of {pool.name} in {trial.name}", stated, "is struck at once")
            dead = derived(
                f"share of {pool.name} that fails by the {what}", most_dead(fault, pool), [hit, leaves.agents_min(pool)]
            )
            told = f"the {what} of {pool.name} in trial {trial.name} takes up to {share(dead.number)}"
            broken = f"{told}, and restarts pause above {share(pause.number)}: nobody is started again"
            room = f"{told}, restarts pause above {share(pause.number)}"
            conditions.append(Condition(Relation(dead, Order.AT_MOST, pause), broken, room))
    if not conditions or not analysis.fleet.recovery:
        return []
    return [
        Obligation(
            id=f"restart/{pool.name}/faults",
            claim=f"the declared faults do not pause the restarts of {pool.name}",
            at=pause.stated.span,
            code="ST4602",
            must=tuple(conditions),
        )
    ]


def _backoff(analysis: Analysis, pool: Pool, rule: Restarts) -> list[Obligation]:
    """Unsatisfiable iff the longest pause before a restart, and the start itself, exceed a promised recovery."""
    if rule.backoff_cap_seconds is None or not analysis.fleet.recovery:
        return []
    cap = Leaf(
        f"longest pause before {pool.name} is restarted",
        rule.backoff_cap_seconds,
        f"waits up to {seconds(rule.backoff_cap_seconds.value)} before a restart",
    )
    start = leaves.startup(pool)
    stated = min((one.within_seconds for one in analysis.fleet.recovery), key=lambda one: one.value)
    limit = Leaf("time to recover", stated, f"within {seconds(stated.value)}")
    waits = f"waits {seconds(cap.number)} and starts in {seconds(start.number)}"
    told = f"an agent of {pool.name} that failed repeatedly {waits}"
    return [
        Obligation(
            id=f"restart/{pool.name}/backoff",
            claim=f"an agent of {pool.name} is back in time even after the longest pause",
            at=rule.backoff_cap_seconds.span,
            code="ST4602",
            must=(
                Condition(
                    Relation(cap + start, Order.AT_MOST, limit),
                    f"{told}, a recovery may take {seconds(limit.number)}",
                    f"{told}; the limit is {seconds(limit.number)}",
                ),
            ),
        )
    ]
