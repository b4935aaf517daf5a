"""How long the fleet takes to be itself again after each fault.

Turns the fault events and the requests into one recovery judgement. Invariant: what was watched too briefly to tell is
inconclusive; only a fleet that was seen healthy in time, and stayed so until the next fault or the end, has recovered.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate

from seatrial.compiler.plan import LatencyObjective, Plan, RecoveryObjective, SuccessObjective
from seatrial.compiler.plan_trials import TrialPlan

from ..evidence import FaultEvent, Request
from ..experiments.steps import STRIKES, describe
from . import wording
from .result import Judgement, Outcome, Unit
from .statistics import below

WINDOW_SECONDS = 5.0
LEAST_WINDOW_SECONDS = 2.5
STEP_SECONDS = 0.25
WINDOW_CONFIDENCE = 0.99
"""A window is out of the objective only when chance makes so many bad requests less than one time in a hundred.

The objective itself allows some: in 1,000 requests of a fleet that keeps 99.9 % one fails, and the fleet is healthy.
"""

LEAST_REQUESTS = 5


@dataclass(frozen=True, slots=True)
class Episode:
    """Faults that overlap in time, as one disturbance. Seconds; `watched_until` is the next one's start, or the end."""

    what: str
    start: float
    end: float
    watched_until: float
    ended: bool
    """False where a fault of it was still there when the trial ended."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """`seconds` from the episode's end until the last window that was out; infinite when it never came back."""

    episode: Episode
    outcome: Outcome
    seconds: float
    why: str


def judge_recovery(
    objective: RecoveryObjective,
    plan: Plan,
    trial: TrialPlan,
    requests: Mapping[str, Sequence[Request]],
    faults: Sequence[FaultEvent],
) -> Judgement:
    """After each fault, the time until the demands are back within their latency and success objectives and stay.

    The time counts from the injection of a fault that strikes once (kill), and from the end of one that lasts. Faults
    that overlap are one disturbance, which ends with the last of them. From then on, windows of five seconds by due
    time are looked at, each a quarter of a second further, until the next fault or the end of the trial. The fleet has
    recovered from where no later window is out of an objective. A window is out when its bad requests (failed, or
    slower than the objective's limit) are more than chance allows at 99 %.

    Where the next fault comes before the fleet is seen to recover, the time runs on, through that fault, until the
    fleet is seen to have recovered from it too: the recovery took at most so long.

    Fail: a disturbance was watched for as long as the objective without a recovery, or its recovery was seen to take
    longer. Inconclusive: the next fault or the trial's end came before either could be seen. Else pass. Unmeasured: no
    fault is planned.
    """
    limit = float(objective.within_seconds)
    claim = f"recovery within {wording.seconds(limit)} of each fault"
    base = Judgement(
        objective.guarantee, "recovery", claim, Outcome.UNMEASURED, "the trial plans no fault", Unit.SECONDS,
        limit=limit, at=str(objective.origin),
    )  # fmt: skip
    if not trial.faults:
        return base
    tests = _tests(plan, requests)
    if not tests:
        return _with(base, Outcome.INCONCLUSIVE, "no latency or success objective says what to be back within")
    duration = float(trial.duration_seconds)
    found = _recoveries(episodes(trial, faults), tests, limit)
    if not found:
        return _with(base, Outcome.INCONCLUSIVE, "no fault was injected")
    worst = max(found, key=lambda one: (one.outcome is Outcome.FAIL, one.outcome is Outcome.INCONCLUSIVE, one.seconds))
    outcome = worst.outcome
    seen = sum(len(some) for some in requests.values())
    failed = sum(not request.ok for some in requests.values() for request in some)
    return Judgement(
        objective.guarantee,
        "recovery",
        claim,
        outcome,
        f"after {worst.episode.what} at {worst.episode.start:.1f} s: {worst.why}",
        Unit.SECONDS,
        worst.seconds if outcome is not Outcome.INCONCLUSIVE or math.isfinite(worst.seconds) else None,
        limit,
        None,
        requests=seen,
        failed=failed,
        from_seconds=min(one.episode.start for one in found),
        to_seconds=duration,
        details=tuple(f"{one.episode.what} at {one.episode.start:.1f} s: {one.why}" for one in found),
        at=str(objective.origin),
    )


def episodes(trial: TrialPlan, faults: Sequence[FaultEvent]) -> tuple[Episode, ...]:
    """The disturbances of a trial in order, from what the events say was done and not from what was planned."""
    duration = float(trial.duration_seconds)
    spans: list[tuple[float, float, bool, str]] = []
    open_since: dict[int, float] = {}
    for event in sorted(faults, key=lambda event: event.t):
        if not 0 <= event.fault < len(trial.faults):
            continue
        fault = trial.faults[event.fault]
        if event.phase == "injected" and fault.kind in STRIKES:
            spans.append((event.t, event.t, True, describe(fault)))
        elif event.phase == "injected":
            open_since.setdefault(event.fault, event.t)
        elif event.phase == "undone" and event.fault in open_since:
            spans.append((open_since.pop(event.fault), event.t, event.t < duration, describe(fault)))
    spans += [(start, duration, False, describe(trial.faults[index])) for index, start in open_since.items()]
    merged: list[tuple[float, float, bool, list[str]]] = []
    for start, end, ended, what in sorted(spans):
        if merged and start <= merged[-1][1]:
            first, last, both, names = merged[-1]
            merged[-1] = (first, max(last, end), both and ended, names if what in names else [*names, what])
        else:
            merged.append((start, end, ended, [what]))
    nexts = [*(start for start, *_ in merged[1:]), duration][: len(merged)]
    return tuple(
        Episode(" and ".join(names), start, end, min(until, duration), ended)
        for (start, end, ended, names), until in zip(merged, nexts, strict=True)
    )


@dataclass(frozen=True, slots=True)
class _Test:
    """One objective's bad requests, ready for windows: `due` ascends, `bad[i]` is their number among the first i."""

    share: Fraction
    due: tuple[float, ...]
    bad: tuple[int, ...]

    def counts(self, start: float, end: float) -> tuple[int, int]:
        """How many were due in [start, end), and how many of them were bad."""
        first, last = bisect_left(self.due, start), bisect_left(self.due, end)
        return last - first, self.bad[last] - self.bad[first]


def _tests(plan: Plan, requests: Mapping[str, Sequence[Request]]) -> list[_Test]:
    tests: list[_Test] = []
    objectives: tuple[LatencyObjective | SuccessObjective, ...] = (*plan.latency, *plan.success)
    for objective in objectives:
        own = requests.get(objective.demand, ())
        if not own:
            continue
        if isinstance(objective, LatencyObjective):
            limit, share = float(objective.below_seconds), objective.quantile
        else:
            limit, share = math.inf, objective.share
        bad = (not request.ok or request.latency_seconds >= limit for request in own)
        tests.append(_Test(share, tuple(request.due for request in own), tuple(accumulate(bad, initial=0))))
    return tests


def _recoveries(disturbances: Sequence[Episode], tests: Sequence[_Test], limit: float) -> list[Recovery]:
    found: list[Recovery] = []
    # Backwards: where an episode was not seen to recover, the next one's recovery bounds its own.
    back_at = math.inf
    for episode in reversed(disturbances):
        own = _recovery(episode, tests, limit)
        if math.isinf(own.seconds) and own.outcome is Outcome.INCONCLUSIVE and math.isfinite(back_at):
            seconds = back_at - episode.end
            why = f"recovered in at most {wording.seconds(seconds)}, through the next fault"
            if seconds <= limit:
                own = Recovery(episode, Outcome.PASS, seconds, why)
        if math.isfinite(own.seconds):
            back_at = episode.end + own.seconds
        found.append(own)
    return found[::-1]


def _recovery(episode: Episode, tests: Sequence[_Test], limit: float) -> Recovery:
    """The recovery as far as it was seen before the next fault; infinite seconds where it was not."""
    if not episode.ended:
        return Recovery(episode, Outcome.INCONCLUSIVE, math.inf, "it lasted until the trial's end")
    watched = episode.watched_until - episode.end
    # Faults five seconds apart strike a little less than five seconds apart: such a gap is one, shorter window.
    window = min(WINDOW_SECONDS, watched)
    steps = math.floor((watched - window) / STEP_SECONDS + 1e-9) if window >= LEAST_WINDOW_SECONDS else -1
    looks = [_look(tests, episode.end + step * STEP_SECONDS, window) for step in range(steps + 1)]
    if all(look is None for look in looks):
        why = f"watched for {wording.seconds(max(0.0, watched))} only, too short to tell"
        return Recovery(episode, Outcome.INCONCLUSIVE, math.inf, why)
    last_out = max((step for step, healthy in enumerate(looks) if healthy is False), default=-1)
    if not any(looks[last_out + 1 :]):
        why = f"not recovered in the {wording.seconds(watched)} that it was watched"
        return Recovery(episode, Outcome.FAIL if watched >= limit else Outcome.INCONCLUSIVE, math.inf, why)
    seconds = (last_out + 1) * STEP_SECONDS
    outcome = Outcome.PASS if seconds <= limit else Outcome.FAIL
    why = f"recovered in {wording.seconds(seconds)}" if seconds else "no window was out of an objective"
    return Recovery(episode, outcome, seconds, why)


def _look(tests: Sequence[_Test], start: float, window: float) -> bool | None:
    """Whether the window that begins at `start` is within each objective; None where it has too few requests to say."""
    counted = [(test, *test.counts(start, start + window)) for test in tests]
    if any(below(n - bad, n, test.share, WINDOW_CONFIDENCE) for test, n, bad in counted):
        return False
    return True if any(n >= LEAST_REQUESTS for _, n, _ in counted) else None


def _with(base: Judgement, outcome: Outcome, reason: str) -> Judgement:
    return replace(base, outcome=outcome, reason=reason)
