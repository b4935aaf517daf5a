"""Latency, success and cost objectives against the requests of a trial.

Turns an objective and the requests of its demand into a judgement. Invariant: a pass needs evidence. Too few requests,
or a figure too near its limit, is inconclusive, and what a trial does not measure is never passed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from seatrial.compiler.plan import CostObjective, LatencyObjective, SuccessObjective

from ..evidence import Request
from . import wording
from .result import Judgement, Outcome, Unit
from .statistics import above, below, lower_share, quantile, quantile_bounds, requests_needed, upper_share


def judge_latency(objective: LatencyObjective, requests: Sequence[Request], duration: float) -> Judgement:
    """The quantile over all requests of the demand that were due in the trial, each counted from its due time.

    A request that failed counts as infinitely slow. Counted with its own time, a refusal after a millisecond would
    make the fleet look fast; left out, the requests that suffered most would not count. So "p99 < 2s" says that 99 of
    100 requests were answered well within two seconds. The quantile over the answered requests alone is a detail.

    Pass: the upper confidence bound of the quantile is below the limit. Fail: the lower bound is not. Else
    inconclusive.
    """
    times = sorted(request.latency_seconds if request.ok else math.inf for request in requests)
    failed = sum(not request.ok for request in requests)
    name, limit = wording.percentile(objective.quantile), float(objective.below_seconds)
    claim = f"{name} of {objective.demand} < {wording.seconds(limit)}"
    if not times:
        return _unjudged(objective, "latency", claim, limit)
    measured = quantile(times, objective.quantile)
    low, high = quantile_bounds(times, objective.quantile)
    seen = f"{name} was {wording.seconds(measured)}"
    if math.isinf(measured):
        seen = f"{wording.share(failed / len(times))} of the requests failed, more than {name} leaves out"
    if high is not None and high < limit:
        outcome, why = Outcome.PASS, f"{seen}, at most {wording.seconds(high)} with 95 % confidence"
    elif low is not None and low >= limit:
        surely = "with 95 % confidence" if math.isinf(low) else f"at least {wording.seconds(low)} with 95 % confidence"
        outcome, why = Outcome.FAIL, f"{seen}, {surely}"
    else:
        outcome, why = Outcome.INCONCLUSIVE, f"{seen}, {_too_near(len(times), objective.quantile, failed, high)}"
    answered = sorted(request.latency_seconds for request in requests if request.ok)
    details = (
        [f"answered requests alone: {wording.seconds(quantile(answered, objective.quantile))}"] if answered else []
    )
    return Judgement(
        objective.guarantee,
        "latency",
        claim,
        outcome,
        why,
        Unit.SECONDS,
        measured,
        limit,
        _proved(objective),
        low,
        high,
        len(times),
        failed,
        0.0,
        duration,
        tuple(details),
        str(objective.origin),
    )


def judge_success(objective: SuccessObjective, requests: Sequence[Request], duration: float) -> Judgement:
    """The share of the demand's requests that were answered with a status below 400, over the trial itself.

    An objective over 30 days allows a number of failures in 30 days; a trial is minutes long and full of faults. The
    trial is held to the same share over its own length, which is the stricter reading: a fleet that keeps the share
    through the trial keeps it through a month with such trials in it, and one that fails the trial may still keep
    the month. The reason says over what the share was taken.

    Pass: the lower confidence bound of the share is not below the objective. Fail: the upper bound is. Else
    inconclusive. An objective of 100 % passes when nothing failed, as no number of requests can make sure of it.
    """
    n = len(requests)
    claim = f"{wording.share(objective.share)} of {objective.demand} succeed"
    limit = float(objective.share)
    if n == 0:
        return _unjudged(objective, "success", claim, limit)
    good = sum(request.ok for request in requests)
    low, high = lower_share(good, n), upper_share(good, n)
    counted = f"{wording.count(n - good, 'failure')} in {wording.count(n, 'request')}, {wording.share(good / n)}"
    if above(good, n, objective.share) or (objective.share >= 1 and good == n):
        outcome, why = Outcome.PASS, f"at least {wording.share(low)} with 95 % confidence"
    elif below(good, n, objective.share):
        outcome, why = Outcome.FAIL, f"at most {wording.share(high)} with 95 % confidence"
    else:
        outcome, why = Outcome.INCONCLUSIVE, _too_near(n, objective.share)
    over = (
        f"over the trial's {wording.seconds(duration)}; the objective is over {wording.seconds(objective.over_seconds)}"
    )
    return Judgement(
        objective.guarantee,
        "success",
        claim,
        outcome,
        f"{counted}, {why}",
        Unit.SHARE,
        good / n,
        limit,
        None,
        low,
        high,
        n,
        n - good,
        0.0,
        duration,
        (over, *_causes(requests)),
        str(objective.origin),
    )


def judge_cost(objective: CostObjective) -> Judgement:
    """Always unmeasured: the processes of a trial cost nothing, and a bill is not to be made up.

    What the checker says of the cost stands beside it in the report; the trial neither confirms it nor counts it.
    """
    return Judgement(
        objective.guarantee,
        "cost",
        f"cost < {wording.dollars(objective.dollars)} a {objective.period.value}",
        Outcome.UNMEASURED,
        "a trial on this machine has no bill; only the checker speaks of cost",
        Unit.DOLLARS,
        limit=float(objective.dollars),
        at=str(objective.origin),
    )


def unloaded(objective: LatencyObjective | SuccessObjective) -> Judgement:
    """The judgement of an objective of a demand that the trial does not load: unmeasured."""
    bare = (
        judge_latency(objective, (), 0.0)
        if isinstance(objective, LatencyObjective)
        else judge_success(objective, (), 0.0)
    )
    return replace(bare, outcome=Outcome.UNMEASURED, reason=f"the trial plans no load of {objective.demand}")


def _unjudged(objective: LatencyObjective | SuccessObjective, kind: str, claim: str, limit: float) -> Judgement:
    unit = Unit.SECONDS if kind == "latency" else Unit.SHARE
    reason, at = "no request was logged", str(objective.origin)
    proved = _proved(objective)
    return Judgement(
        objective.guarantee, kind, claim, Outcome.INCONCLUSIVE, reason, unit, limit=limit, proved=proved, at=at
    )


def _proved(objective: LatencyObjective | SuccessObjective) -> float | None:
    if isinstance(objective, LatencyObjective) and objective.proved_seconds is not None:
        return float(objective.proved_seconds)
    return None


def _too_near(n: int, share: Fraction, failed: int = 0, high: float | None = 0.0) -> str:
    """`high` is the upper confidence bound of a quantile; None, or infinite, where there is none."""
    needed = requests_needed(share)
    if n < needed:
        return f"but {wording.count(n, 'request')} are too few to tell: at least {needed:,} are needed"
    if high is None or math.isinf(high):
        late = (
            f"{wording.count(failed, 'failure')}, which {'counts' if failed == 1 else 'count'} as later than any time"
        )
        return f"but with {late}, {wording.count(n, 'request')} are too few to tell"
    return f"too near the limit to tell from {wording.count(n, 'request')}"


def _causes(requests: Sequence[Request]) -> tuple[str, ...]:
    """What the failures were, the most frequent first, at most four."""
    counts: dict[str, int] = {}
    for request in requests:
        if not request.ok:
            cause = request.error or f"status {request.status}"
            counts[cause] = counts.get(cause, 0) + 1
    first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:4]
    return tuple(f"{number} x {cause}" for cause, number in first)
