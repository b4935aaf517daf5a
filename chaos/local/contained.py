"""The runtime document's part on containment -> what a local fleet does of it, by pool.

Invariant: nothing is filled in; a pool of which nothing is said is in none of the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any


@dataclass(frozen=True, slots=True)
class Degrade:
    """What an agent does instead while more than `above_busy` of its slots are taken."""

    above_busy: Fraction
    service_mean_seconds: Fraction
    service_p99_seconds: Fraction | None
    makes_calls: bool


@dataclass(frozen=True, slots=True)
class Restarts:
    """`pause_above`: while a larger share of the pool is failing nobody is started again. None: nothing was said."""

    pause_above: Fraction | None
    backoff_first_seconds: Fraction | None
    backoff_cap_seconds: Fraction | None


@dataclass(frozen=True, slots=True)
class Contained:
    push_back: Mapping[str, int] = field(default_factory=dict)
    """Requests that may wait at one agent of a pool."""
    degradation: Mapping[str, tuple[Degrade, ...]] = field(default_factory=dict)
    restarts: Mapping[str, Restarts] = field(default_factory=dict)


def contained(body: Mapping[str, Any]) -> Contained:
    """Raises KeyError or TypeError where the document is not of its schema."""
    degradation: dict[str, tuple[Degrade, ...]] = {}
    for step in body["degradation"]:
        service = step["service"]
        mean, tail = Fraction(service["mean_seconds"]), _exact(service["p99_seconds"])
        one = Degrade(Fraction(step["above_busy"]), mean, tail, step["makes_calls"])
        degradation[step["pool"]] = (*degradation.get(step["pool"], ()), one)
    return Contained(
        push_back={one["pool"]: one["pending"] for one in body["push_back"]},
        degradation=degradation,
        restarts={
            one["pool"]: Restarts(
                _exact(one["pause_above"]), _exact(one["backoff_first_seconds"]), _exact(one["backoff_cap_seconds"])
            )
            for one in body["restarts"]
        },
    )


def _exact(value: Any) -> Fraction | None:
    return None if value is None else Fraction(value)
