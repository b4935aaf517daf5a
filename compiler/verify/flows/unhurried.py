"""A fleet -> how long a request has a slot of each pool where nobody ever waits for one, in exact times and in doubles.

Invariant: no time is above the one that it stands for, and what is not stated counts nothing: these are lower bounds.
Both are `semantics.flow.holding`, worked out for a pool, and those behind it, when it is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TypeVar

from ...model import Call, CalleeKind, Dependency
from ...semantics.flow import holding
from ...semantics.latency import LogNormal
from ..exact.expression import Expression, derived, lift, total, value
from . import leaves
from .analysis import Analysis
from .figures import Link, double

T = TypeVar("T")
C = TypeVar("C")

DOWN = Fraction(999_999, 1_000_000)
"""The numeric models are good to far more than six figures."""


class _Held(Mapping[str, T]):
    def __init__(
        self,
        analysis: Analysis,
        out: Mapping[str, Sequence[C]],
        own: Callable[[str], T],
        called: Callable[[C, Mapping[str, T]], T],
        add: Callable[[list[T]], T],
    ) -> None:
        self._analysis, self._known = analysis, dict[str, T]()
        self._work: Callable[[list[str]], object] = lambda order: holding(order, out, own, called, add, self._known)

    def __getitem__(self, name: str) -> T:
        if name not in self._known:
            self._work([each for each in self._analysis.reached(name) if each not in self._known])
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(pool.name for pool in self._analysis.pools)

    def __len__(self) -> int:
        return len(self._analysis.pools)


def exact(analysis: Analysis) -> Mapping[str, Expression]:
    return _Held(
        analysis,
        analysis.calls_out,
        lambda name: leaves.service_mean(analysis.pool(name)) or lift(0),
        lambda call, held: leaves.per_request(call) * response(analysis, call, held),
        lambda times: total(sorted(times, key=value)),
    )


def times(analysis: Analysis) -> Mapping[str, Fraction]:
    """The values of `exact`, which cost a tenth of their expressions."""

    def own(name: str) -> Fraction:
        mean = analysis.pool(name).each.service_mean_seconds
        return Fraction(0) if mean is None else mean.value

    def called(call: Call, held: Mapping[str, Fraction]) -> Fraction:
        whole = held[call.callee] if call.callee_kind is CalleeKind.POOL else _latency(analysis, call.callee)
        return call.per_request.value * whole

    def made() -> Mapping[str, Fraction]:
        return _Held(analysis, analysis.calls_out, own, called, lambda parts: sum(parts, Fraction(0)))

    return analysis.kept("times without waits", made)


def doubles(analysis: Analysis) -> Mapping[str, float]:
    """As good as those of `figures`."""
    latencies = {one.name: double(_latency(analysis, one.name)) for one in analysis.fleet.dependencies}

    def own(name: str) -> float:
        mean = analysis.pool(name).each.service_mean_seconds
        return 0.0 if mean is None else double(mean.value)

    def called(link: Link, held: Mapping[str, float]) -> float:
        return link.times * (held if link.to_pool else latencies)[link.callee]

    return _Held(analysis, analysis.figures.links, own, called, sum)


def response(analysis: Analysis, call: Call, held: Mapping[str, Expression]) -> Expression:
    """The mean time from the call to its answer."""
    if call.callee_kind is CalleeKind.POOL:
        return held[call.callee]
    dependency = analysis.dependency(call.callee)
    if analysis.latency(call.callee) is None:
        return lift(0)
    mean = _latency(analysis, call.callee)
    return derived(f"mean latency of {dependency.name}", mean, leaves.latency(dependency))


def _latency(analysis: Analysis, name: str) -> Fraction:
    """Of a dependency; 0 where it is not stated."""
    known = analysis.latency(name)
    if known is None:
        return Fraction(0)
    return analysis.kept(f"mean latency of {name}", lambda: _mean(analysis.dependency(name), known[0]))


def _mean(dependency: Dependency, latency: LogNormal) -> Fraction:
    if latency.sigma == 0 and dependency.latency_p50_seconds is not None:
        return dependency.latency_p50_seconds.value
    # To a nanosecond, downwards: sums along chains would carry every binary digit of a float.
    return Fraction(math.floor(Fraction(latency.mean()) * DOWN * 10**9), 10**9)
