"""The plan's calls by their ends.

Invariant: the order of the plan is kept, and a name without calls is not among the keys. An emitter asks for these
once: to look through all calls for each pool takes longer than to write its documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from seatrial.compiler.plan import CallPlan, Plan

Calls: TypeAlias = Mapping[str, Sequence[CallPlan]]


def talks_within(plan: Plan, pool: str) -> bool:
    """Its own agents vote, report or deal with one another, which no call of the plan says."""
    return any(pool in one.within for one in plan.security)


def enters(plan: Plan, pool: str) -> list[str]:
    """Demands that come in at the pool only when it takes over for the one that they call."""
    return [entry.demand for one in plan.security for entry in one.entering if entry.pool == pool]


def by_caller(plan: Plan) -> Calls:
    """Demands and pools share one space of names."""
    found: dict[str, list[CallPlan]] = {}
    for call in plan.calls:
        found.setdefault(call.caller, []).append(call)
    return found


def by_callee(plan: Plan) -> Calls:
    found: dict[str, list[CallPlan]] = {}
    for call in plan.calls:
        found.setdefault(call.callee, []).append(call)
    return found
