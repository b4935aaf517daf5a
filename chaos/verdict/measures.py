"""What a trial measured besides its objectives: throughput, tails, fairness, efficiency, cost and overhead.

Turns a plan, its trial and the evidence into `Measures`. Invariant: a figure for which there is no evidence, or no
price, is None; nothing is judged here.

Source: fairness is Jain's index, (sum x)^2 / (n sum x^2), 1 when all are served alike and 1/n when one gets all (Jain,
Chiu & Hawe, "A Quantitative Measure of Fairness and Discrimination", DEC-TR-301, 1984).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from seatrial.compiler.model import CalleeKind, CallerKind
from seatrial.compiler.plan import Plan
from seatrial.compiler.plan_trials import TrialPlan
from seatrial.compiler.semantics.spend import HOUR_S

from ..evidence import Evidence, OtherEvent, ReplicasEvent, Request
from .statistics import quantile

PEAK_SECONDS = 5
"""Throughput at its peak is that of the best stretch of this length."""

LEAST_AGENT_SECONDS = 5.0
"""An agent that was there for less is left out of the fairness between agents: chance would decide."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Of the fleet as it ran here; rates are at the trial's scale. Shares and indices are 0 to 1, times in seconds."""

    served_per_second: float
    peak_served_per_second: float
    latency_p50: float | None
    latency_p99: float | None
    latency_p999: float | None
    latency_most: float | None
    fairness_demands: float | None
    """Over the share of each demand's requests that succeeded."""
    fairness_agents: float | None
    """Over the requests that each agent got a second, in the pool where it is least."""
    busy_share: float | None
    """Slot-seconds in use of those that there were."""
    requests_per_dollar: float | None
    """Requests of users that succeeded, for what the agents cost meanwhile; the same at any scale."""
    coordination_share: float | None
    """Calls from pool to pool, retries included, of all requests and calls."""
    backlog_tasks: int
    backlog_seconds: float | None
    """When the last task of the queues that were filled beforehand was done; None where some are left, or were none."""


def measures(plan: Plan, trial: TrialPlan, evidence: Evidence) -> Measures:
    duration = float(trial.duration_seconds)
    queues = {backlog.logged for backlog in trial.backlogs}
    own = [request for request in evidence.requests if request.demand not in queues]
    good = [request for request in evidence.requests if request.ok]
    answered = sorted(request.latency_seconds for request in own if request.ok)
    return Measures(
        served_per_second=len(good) / duration,
        peak_served_per_second=_peak(good, duration),
        latency_p50=_at(answered, Fraction(1, 2)),
        latency_p99=_at(answered, Fraction(99, 100)),
        latency_p999=_at(answered, Fraction(999, 1000)),
        latency_most=answered[-1] if answered else None,
        fairness_demands=jain(_success(evidence.of(load.demand)) for load in trial.loads if evidence.of(load.demand)),
        fairness_agents=_between_agents(evidence),
        busy_share=_busy(evidence),
        requests_per_dollar=_per_dollar(plan, evidence, len(good), duration),
        coordination_share=_coordination(plan, evidence),
        backlog_tasks=sum(request.ok for name in queues for request in evidence.of(name)),
        backlog_seconds=_worked_off(trial, evidence),
    )


def jain(values: Iterable[float]) -> float | None:
    """The index of values >= 0; None where there are none, or all are 0."""
    found = list(values)
    squares = sum(value * value for value in found)
    return sum(found) ** 2 / (len(found) * squares) if squares else None


def _success(requests: Sequence[Request]) -> float:
    return sum(request.ok for request in requests) / len(requests)


def _at(ordered: Sequence[float], share: Fraction) -> float | None:
    return quantile(ordered, share) if ordered else None


def _peak(good: Sequence[Request], duration: float) -> float:
    width = min(float(PEAK_SECONDS), duration)
    ends = sorted(request.end for request in good)
    best = first = 0
    for last, end in enumerate(ends):
        while end - ends[first] >= width:
            first += 1
        best = max(best, last - first + 1)
    return best / width


def _works(evidence: Evidence) -> list[dict[str, Any]]:
    """What each agent that was there at the end had done; written as the fleet stops."""
    return [dict(event.fields) for event in evidence.events if isinstance(event, OtherEvent) and event.kind == "work"]


def _between_agents(evidence: Evidence) -> float | None:
    pools: dict[str, list[float]] = {}
    for work in _works(evidence):
        if work["seconds"] >= LEAST_AGENT_SECONDS:
            pools.setdefault(str(work["pool"]), []).append(work["arrived"] / work["seconds"])
    found = [index for rates in pools.values() if (index := jain(rates)) is not None]
    return min(found, default=None)


def _busy(evidence: Evidence) -> float | None:
    there = sum(work["seconds"] * work["slots"] for work in _works(evidence))
    return sum(work["busy_slot_seconds"] for work in _works(evidence)) / there if there else None


def _per_dollar(plan: Plan, evidence: Evidence, served: int, duration: float) -> float | None:
    """None where some pool states no price."""
    dollars = 0.0
    for pool in plan.pools:
        if pool.dollars_per_hour is None:
            return None
        hours = _agent_seconds(pool.name, evidence, duration) / HOUR_S
        dollars += hours * float(pool.dollars_per_hour)
    return served / dollars if dollars else None


def _agent_seconds(pool: str, evidence: Evidence, duration: float) -> float:
    """The integral of the running agents over the trial."""
    seen = [event for event in evidence.events if isinstance(event, ReplicasEvent) and event.pool == pool]
    area = 0.0
    for event, following in zip(seen, [*(one.t for one in seen[1:]), duration], strict=False):
        area += event.running * max(0.0, min(duration, following) - max(0.0, event.t))
    return area


def _coordination(plan: Plan, evidence: Evidence) -> float | None:
    between = {
        call.name for call in plan.calls if call.caller_kind is CallerKind.POOL and call.callee_kind is CalleeKind.POOL
    }
    counts = {
        str(event.fields["call"]): int(event.fields["requests"])
        for event in evidence.events
        if isinstance(event, OtherEvent) and event.kind == "call"
    }
    every = sum(counts.values())
    return sum(count for name, count in counts.items() if name in between) / every if every else None


def _worked_off(trial: TrialPlan, evidence: Evidence) -> float | None:
    ends: list[float] = []
    for backlog in trial.backlogs:
        done = [request.end for request in evidence.of(backlog.logged) if request.ok]
        if len(done) < backlog.tasks_at(trial.scale):
            return None
        ends += done
    return max(ends, default=None)
