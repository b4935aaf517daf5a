"""The table of what a trial measured besides its objectives.

Turns `Measures` into rows of words. Invariant: a figure that was asked for is always a row, with the reason where there
is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..verdict import wording
from ..verdict.measures import PEAK_SECONDS, Measures


@dataclass(frozen=True, slots=True)
class Measured:
    """`asked`: the spec names it in `report`."""

    name: str
    value: str
    meaning: str
    asked: bool


def measured_rows(measures: Measures | None, asked: Sequence[str]) -> list[Measured]:
    """The figures in reading order; one that is not there is left out unless it was asked for."""
    if measures is None:
        return []
    found = [
        ("throughput", "Throughput", _rate(measures.served_per_second), "requests that succeeded, at this scale"),
        ("throughput", "at its peak", _rate(measures.peak_served_per_second), f"in the best {PEAK_SECONDS} s"),
        ("tail latency", "Median latency", _time(measures.latency_p50), "of answered requests"),
        ("tail latency", "p99", _time(measures.latency_p99), ""),
        ("tail latency", "p99.9", _time(measures.latency_p999), ""),
        ("tail latency", "slowest answer", _time(measures.latency_most), ""),
        ("fairness", "Fairness between demands", _index(measures.fairness_demands), "Jain's index of success shares"),
        (
            "fairness",
            "Fairness between agents",
            _index(measures.fairness_agents),
            "Jain's index of requests a second, in the pool where it is least",
        ),
        ("efficiency", "Busy", _share(measures.busy_share), "slot-seconds in use of those that there were"),
        (
            "requests per dollar",
            "Requests per dollar",
            "" if measures.requests_per_dollar is None else f"{measures.requests_per_dollar:,.0f}",
            "by the prices of the agents that ran",
        ),
        (
            "overhead",
            "Coordination",
            _share(measures.coordination_share),
            "calls between pools, of all requests and calls",
        ),
    ]
    if measures.backlog_tasks or measures.backlog_seconds is not None:
        done = "not all" if measures.backlog_seconds is None else f"after {wording.seconds(measures.backlog_seconds)}"
        found.append(("", "Tasks that waited", f"{measures.backlog_tasks:,} done, {done}", ""))
    return [
        Measured(name, value or "not measured: no evidence, or no price", meaning, key in asked)
        for key, name, value, meaning in found
        if value or key in asked
    ]


def _rate(value: float) -> str:
    return f"{value:,.1f}/s"


def _time(value: float | None) -> str:
    return "" if value is None else wording.seconds(value)


def _index(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _share(value: float | None) -> str:
    return "" if value is None else wording.share(value)
