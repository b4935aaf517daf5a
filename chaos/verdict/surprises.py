"""Where the fleet is slower than the checker's model says, although nothing was done to it.

Turns the requests of the quiet stretches and the model's bounds into doubts. Invariant: a surprise weakens no verdict:
the objectives are judged by what was measured. It says that a proof which rests on the same assumptions is in question.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from seatrial.compiler.plan import Plan

from ..evidence import Evidence, Request
from . import wording
from .result import Doubt
from .statistics import quantile, quantile_bounds

SETTLING_SECONDS = 10.0
"""After a fault has gone, how long what it left may still be felt: queues, retries, agents that start."""

OWN_SECONDS = 0.020
"""What this machine adds to a request that no model of a fleet has: an interpreter's and a proxy's own time a hop."""


MOMENTARY = "kill"
"""The fault that is over as soon as it is done; the others end when they are undone."""


def quiet(requests: tuple[Request, ...], evidence: Evidence) -> list[Request]:
    """The answered requests that were due while no fault was in force or had just been."""
    windows: list[tuple[float, float]] = []
    begun: dict[int, float] = {}
    for event in evidence.faults:
        if event.phase == "injected" and event.what == MOMENTARY:
            windows.append((event.t, event.t + SETTLING_SECONDS))
        elif event.phase == "injected":
            begun.setdefault(event.fault, event.t)
        elif event.phase == "undone" and event.fault in begun:
            windows.append((begun.pop(event.fault), event.t + SETTLING_SECONDS))
    windows += [(start, math.inf) for start in begun.values()]
    return [one for one in requests if one.ok and not any(start <= one.end and one.due < end for start, end in windows)]


def surprises(plan: Plan, evidence: Evidence, expected: Mapping[str, Fraction]) -> tuple[Doubt, ...]:
    """One doubt for each latency objective whose quantile, with 95 % confidence, is above the model's bound."""
    found: list[Doubt] = []
    for objective in plan.latency:
        bound = expected.get(objective.guarantee)
        times = sorted(one.latency_seconds for one in quiet(evidence.of(objective.demand), evidence))
        if bound is None or not times:
            continue
        low, _ = quantile_bounds(times, objective.quantile)
        if low is not None and low > float(bound) + OWN_SECONDS:
            name = wording.percentile(objective.quantile)
            text = (
                f"{name} of {objective.demand} was {wording.seconds(quantile(times, objective.quantile))} while "
                f"nothing was disturbed; by the model it is at most {wording.seconds(bound)} at this size: an "
                f"assumption of the spec, such as a service time, does not hold here"
            )
            found.append(Doubt("model", text, weakens_pass=False, weakens_fail=False))
    return tuple(found)
