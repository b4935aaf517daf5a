"""Throughput objectives against the stretches of a trial that ask for as much.

Turns an objective and the requests of its demand into a judgement. Invariant: a rate that the trial's load never plans
is unmeasured, whatever was served.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from seatrial.compiler.plan_containment import ThroughputObjective
from seatrial.compiler.plan_trials import TrialPlan

from ..evidence import Request
from . import wording
from .result import Judgement, Outcome, Unit
from .statistics import above, below, lower_share

Stretch = tuple[Fraction, Fraction, Fraction]
"""From, to (seconds), and the least planned rate in between, at full size."""


def stretches(trial: TrialPlan, demand: str, least: Fraction) -> tuple[Stretch, ...]:
    """Where the planned rate of the demand is at least `least`, as far as its points tell: whole pieces only."""
    load = next((load for load in trial.loads if load.demand == demand), None)
    if load is None or load.replay or not load.points:
        return ()
    knots = [(point.at_seconds, point.per_second) for point in load.points]
    knots = [(min(Fraction(0), knots[0][0]), knots[0][1]), *knots, (trial.duration_seconds, knots[-1][1])]
    found = []
    for (start, first), (end, last) in pairwise(knots):
        end = min(end, trial.duration_seconds)
        if end > start and min(first, last) >= least:
            found.append((start, end, min(first, last)))
    return tuple(found)


def judge_throughput(objective: ThroughputObjective, trial: TrialPlan, requests: Sequence[Request]) -> Judgement:
    """Of the requests that were due while the load plans at least the objective's rate, enough must succeed.

    With a planned rate R and an objective L a share of L / R is enough: then L a second are served on average. Pass:
    the lower confidence bound of the share is not below it, or all succeeded. Fail: the upper bound is below it.
    """
    planned = stretches(trial, objective.demand, objective.per_second)
    limit = float(objective.per_second * trial.scale)
    claim = f"{float(objective.per_second):,g} requests/s of {objective.demand} are served"
    at = str(objective.origin)
    own = [one for one in requests if any(float(start) <= one.due < float(end) for start, end, _ in planned)]
    if not own:
        asked = f"the trial never plans {float(objective.per_second):,g} requests/s of {objective.demand}"
        return Judgement(
            objective.guarantee, "throughput", claim, Outcome.UNMEASURED, asked, Unit.PER_SECOND, limit=limit, at=at
        )
    enough = objective.per_second / min(rate for _, _, rate in planned)
    lasted = float(sum((end - start for start, end, _ in planned), Fraction(0)))
    good, n = sum(one.ok for one in own), len(own)
    seen = f"{wording.share(good / n)} of {wording.count(n, 'request')} succeeded while as much was asked"
    if good == n or above(good, n, enough):
        outcome, why = Outcome.PASS, f"{seen}; {wording.share(enough)} are enough"
    elif below(good, n, enough):
        outcome, why = Outcome.FAIL, f"{seen}; {wording.share(enough)} are needed"
    else:
        outcome, why = Outcome.INCONCLUSIVE, f"{seen}, too near to {wording.share(enough)} to tell"
    return Judgement(
        objective.guarantee,
        "throughput",
        claim,
        outcome,
        why,
        Unit.PER_SECOND,
        good / lasted,
        limit,
        None,
        lower_share(good, n) * n / lasted,
        None,
        n,
        n - good,
        float(planned[0][0]),
        float(planned[-1][1]),
        ("at the trial's scale",) if trial.scale != 1 else (),
        at,
    )
