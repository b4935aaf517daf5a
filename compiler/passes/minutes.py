"""The model -> warnings of times of one request that are written in minutes where milliseconds may be meant.

`m` is a thousandth in Kubernetes and minutes here. Limits: what is no more than an hour is not told, and neither is
what is written in another unit: whoever writes `8h` means it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from seatrial.dsl.diagnostics import Diagnostic, Fix, Label, Severity

from ..model import Fleet
from ..model.stated import Stated

_IN_MINUTES = re.compile(r"[0-9][0-9_.]*m")
_HOUR_SECONDS = 3600


def minutes(fleet: Fleet) -> tuple[Diagnostic, ...]:
    """Each literal where it is first used."""
    told: dict[object, Diagnostic] = {}
    for one, what in _of_requests(fleet):
        if one is not None and one.value > _HOUR_SECONDS and _IN_MINUTES.fullmatch(one.span.text):
            told.setdefault(one.span, _told(one, what))
    return tuple(told.values())


def _told(one: Stated[Fraction], what: str) -> Diagnostic:
    hours, meant = one.value / _HOUR_SECONDS, f"{one.span.text}s"
    otherwise = f"{hours}h" if hours.denominator == 1 else f"{one.value}s" if one.value.denominator == 1 else ""
    return Diagnostic(
        "ST1205",
        Severity.WARNING,
        f"{what} is `{one.span.text}`, which is {float(hours):.3g} hours: `m` is minutes",
        (Label(one.span, "minutes"),),
        help=f"write `{meant}` for milliseconds" + (f", or `{otherwise}` where hours are meant" if otherwise else ""),
        fixes=(Fix(one.span, meant, f"write `{meant}`"),),
    )


def _of_requests(fleet: Fleet) -> Iterator[tuple[Stated[Fraction] | None, str]]:
    for call in fleet.calls:
        policy, retry = call.policy, call.policy.retry
        yield policy.timeout_seconds, f"the timeout of {call.name}"
        yield policy.try_timeout_seconds, f"the try timeout of {call.name}"
        if retry is not None:
            yield retry.backoff_seconds, f"the back-off of {call.name}"
            yield retry.backoff_cap_seconds, f"the longest back-off of {call.name}"
    for pool in fleet.pools:
        yield pool.each.service_mean_seconds, f"the mean service time of {pool.name}"
        yield pool.each.service_p99_seconds, f"the p99 service time of {pool.name}"
    for other in fleet.dependencies:
        yield other.latency_p50_seconds, f"the p50 latency of {other.name}"
        yield other.latency_p99_seconds, f"the p99 latency of {other.name}"
    for promise in fleet.latency:
        for _, limit in promise.bounds:
            yield limit, "the latency that is promised"
