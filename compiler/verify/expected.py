"""A fleet and one of its trials -> what the model says of the fleet at the trial's size and under the trial's load.

Invariant: the same rules as for the full size (`obligations`), on a fleet that differs only in its counts and rates, so
that what was proved, what the model says of the smaller fleet and what is measured of it can stand side by side.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from ..model import Demand, Dependency, Fleet, Pool, Stated, Trial
from ..semantics.scaling import divided
from .faults.traffic import load_of
from .flows.analysis import Analysis
from .obligations.latency import latencies
from .obligations.success import successes


def at_scale(fleet: Fleet, scale: Fraction) -> Fleet:
    """The fleet at a share of its size, 0 < scale <= 1: agents and connections rounded up, demand and the limits of
    dependencies exactly divided. Times, limits of calls, machines and all that is promised stay."""
    return replace(
        fleet,
        demands=tuple(_demand(one, scale) for one in fleet.demands),
        dependencies=tuple(_dependency(one, scale) for one in fleet.dependencies),
        pools=tuple(_pool(one, scale) for one in fleet.pools),
    )


def expected(fleet: Fleet, trial: Trial) -> Mapping[str, Fraction]:
    """`Finding.bound` of the latency and success guarantees, by their ids, at the trial's scale and for its load.

    Latency: without faults, at any level between the load's lowest and highest. Success: with the trial's own faults. A
    guarantee that the model says nothing of is left out.
    """
    tried = at_scale(fleet, trial.scale.value)
    levels = {one.name: load_of(trial, one) for one in tried.demands}
    # A replay may be as quiet as nothing for a while; its mean is then the lower level.
    demands = tuple(
        replace(
            one,
            steady_per_second=replace(one.steady_per_second, value=levels[one.name].least or levels[one.name].mean),
            peak_per_second=replace(one.peak_per_second, value=levels[one.name].most),
        )
        for one in tried.demands
    )
    at_rest = Analysis(replace(tried, demands=demands, trials=()))
    struck = Analysis(replace(tried, trials=(trial,)))
    found = [*latencies(at_rest), *(successes(struck) if trial.faults else [])]
    return {one.id: one.bound for one in found if one.bound is not None}


def _demand(one: Demand, scale: Fraction) -> Demand:
    return replace(
        one,
        steady_per_second=_times(one.steady_per_second, scale),
        peak_per_second=_times(one.peak_per_second, scale),
        rise_per_second=_may(one.rise_per_second, scale),
    )


def _dependency(one: Dependency, scale: Fraction) -> Dependency:
    connections = one.connections
    return replace(
        one,
        requests_per_second=_may(one.requests_per_second, scale),
        tokens_per_second=_may(one.tokens_per_second, scale),
        connections=replace(connections, value=math.ceil(connections.value * scale)) if connections else None,
    )


def _pool(one: Pool, scale: Fraction) -> Pool:
    return replace(
        one,
        # A local fleet keeps one agent of a pool that may be empty.
        agents_min=replace(one.agents_min, value=max(1, divided(one.agents_min.value, scale))),
        agents_max=replace(one.agents_max, value=divided(one.agents_max.value, scale)),
    )


def _times(stated: Stated[Fraction], scale: Fraction) -> Stated[Fraction]:
    return replace(stated, value=stated.value * scale)


def _may(stated: Stated[Fraction] | None, scale: Fraction) -> Stated[Fraction] | None:
    return None if stated is None else _times(stated, scale)
