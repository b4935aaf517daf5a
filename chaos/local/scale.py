"""A runtime document and a scale -> the fleet's local size: agents, rates, limits, and what does not divide.

Invariant: everything that counts agents or requests per second is divided by the same factor, times stay as they are,
and each place where rounding or a floor makes the small fleet differ in kind from the large one is a note.

Counts of agents are rounded up, so a local fleet is never smaller than its share. Larger pools queue less at the same
load per agent (see `compiler/semantics/queueing.py`), so what passes here tends to pass at full size; the notes are the
exceptions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from seatrial.compiler.semantics.flow import arriving, callers_first, holding
from seatrial.compiler.semantics.outlier import ejectable
from seatrial.compiler.semantics.scaling import divided, in_flight, replicas_for_signal

from .document import Call, Dependency, Pool, RuntimeDocument
from .times import latency_times, service_times

BURST_REQUESTS = 32
"""A bucket's least depth, in requests. How often random arrivals overrun a bucket depends on its depth in requests, not
on the rate (the tail of an M/D/1 queue falls with the count); dividing the depth as well would refuse what the full
size admits."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that is another thing at this size. `about` is a pool, a call or a dependency."""

    about: str
    message: str


@dataclass(frozen=True, slots=True)
class PoolSize:
    name: str
    agents_min: int
    agents_max: int
    agents_at_start: int


@dataclass(frozen=True, slots=True)
class DependencySize:
    """Local limits: rates per second, depths of the buckets in requests and tokens, connections at once."""

    name: str
    requests_per_second: Fraction | None
    requests_burst: Fraction | None
    tokens_per_second: Fraction | None
    tokens_burst: Fraction | None
    connections: int | None


@dataclass(frozen=True, slots=True)
class LocalSize:
    scale: Fraction
    pools: tuple[PoolSize, ...]
    dependencies: tuple[DependencySize, ...]
    notes: tuple[Note, ...]

    def pool(self, name: str) -> PoolSize:
        return next(pool for pool in self.pools if pool.name == name)

    def dependency(self, name: str) -> DependencySize:
        return next(one for one in self.dependencies if one.name == name)


def local_size(
    document: RuntimeDocument, scale: Fraction, initial_per_second: Mapping[str, Fraction] | None = None
) -> LocalSize:
    """The local size at `scale` (0 < scale <= 1) of the full one.

    `initial_per_second` is each demand's rate at the trial's start, full size; its steady rate where it is not given.
    """
    if not 0 < scale <= 1:
        raise ValueError(f"a scale is above 0 and at most 1, not {scale}")
    start = {demand.name: demand.steady_per_second * scale for demand in document.demands}
    for name, rate in (initial_per_second or {}).items():
        start[name] = rate * scale
    rates = request_rates(document, start)
    times = mean_response_seconds(document)
    notes: list[Note] = []
    pools = []
    for pool in document.pools:
        least, most = max(1, divided(pool.agents_min, scale)), divided(pool.agents_max, scale)
        wanted = settled(pool, rates[pool.name], times[pool.name])
        pools.append(PoolSize(pool.name, least, most, min(most, max(least, wanted))))
        notes += _pool_notes(document, pool, least)
    sizes = {size.name: size for size in pools}
    for call in document.calls:
        notes += _call_notes(document, call, sizes)
    dependencies = []
    for one in document.dependencies:
        connections, connection_notes = _connections(document, one, scale, sizes)
        notes += connection_notes
        dependencies.append(_dependency(document, one, scale, connections))
    return LocalSize(scale, tuple(pools), tuple(dependencies), tuple(notes))


def request_rates(document: RuntimeDocument, demands: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Requests per second that reach each pool and dependency when nothing fails, from each demand's rate."""
    outside: dict[str, list[Fraction]] = {}
    for call in document.calls:
        if call.from_demand:
            outside.setdefault(call.callee, []).append(demands[call.caller] * call.per_request)
    found = arriving(
        _callers_first(document),
        _calls_out(document),
        outside,
        lambda call: call.callee,
        lambda rate, call: rate * call.per_request,
        _sum,
    )
    places = [pool.name for pool in document.pools] + [one.name for one in document.dependencies]
    return {**demands, **{name: found.get(name, Fraction(0)) for name in places}}


def _callers_first(document: RuntimeDocument) -> tuple[str, ...]:
    names = [pool.name for pool in document.pools]
    order = callers_first(names, ((call.caller, call.callee) for call in document.calls))
    if len(order) < len(names):
        raise ValueError(f"calls between {', '.join(sorted(set(names) - set(order)))} form a circle, or follow one")
    return order


def _calls_out(document: RuntimeDocument) -> dict[str, tuple[Call, ...]]:
    return {pool.name: document.calls_from(pool.name) for pool in document.pools}


def _sum(parts: list[Fraction]) -> Fraction:
    return sum(parts, start=Fraction(0))


def mean_response_seconds(document: RuntimeDocument) -> dict[str, Fraction]:
    """Mean time a request holds one slot of each pool, its own calls included, when nothing queues or fails."""
    own = {pool.name: pool.service_mean_seconds or Fraction(0) for pool in document.pools}
    answers = {one.name: _latency_mean(one) for one in document.dependencies}

    def called(call: Call, held: Mapping[str, Fraction]) -> Fraction:
        return call.per_request * (answers if call.to_dependency else held)[call.callee]

    return answers | holding(_callers_first(document), _calls_out(document), own.__getitem__, called, _sum)


def _latency_mean(one: Dependency) -> Fraction:
    if one.latency_p50_seconds is None or one.latency_p99_seconds is None:
        return Fraction(0)
    return Fraction(latency_times(one.latency_p50_seconds, one.latency_p99_seconds).distribution.mean())


def settled(pool: Pool, rate: Fraction, response_seconds: Fraction) -> int:
    """Agents at which the autoscaler settles under a steady `rate`; the minimum's share where nothing scales.

    The queue of a pool that keeps up is near empty, so a queue signal settles at the minimum. A stand-in's cpu is its
    slots at work of their own.
    """
    if pool.scaling is None:
        return 0
    own_work = pool.scaling.signal == "cpu"
    signal = "busy" if own_work else pool.scaling.signal
    held = pool.service_mean_seconds or Fraction(0) if own_work else response_seconds
    asked = replicas_for_signal(signal, pool.scaling.target, rate, in_flight(rate, held), pool.concurrency)
    return 0 if asked is None else asked


def _pool_notes(document: RuntimeDocument, pool: Pool, least: int) -> list[Note]:
    notes = []
    if pool.service_mean_seconds is None and pool.run is None:
        notes.append(Note(pool.name, "states no service time, so its stand-in does no work of its own"))
    if pool.service_mean_seconds is not None and pool.run is None:
        fitted = service_times(pool.service_mean_seconds, pool.service_p99_seconds)
        if not fitted.exact:
            reached = fitted.distribution.quantile(0.99)
            notes.append(Note(pool.name, f"no log-normal has its mean and p99; the stand-in's p99 is {reached:.3g} s"))
    if pool.scaling is not None and pool.scaling.signal == "cpu" and pool.run is None:
        notes.append(Note(pool.name, "a stand-in burns no cpu: its share of slots at work stands for it"))
    if pool.agents_min == 0:
        told = "keeps an agent at the least: nobody keeps its items here, so how it starts from none is not tried"
        notes.append(Note(pool.name, told))
    for quorum in document.quorums:
        if quorum.pool == pool.name and least < quorum.members:
            few = "one agent runs" if least == 1 else f"{least} agents run"
            notes.append(Note(pool.name, f"{quorum.name} has {quorum.members} members, and as few as {few} here"))
    return notes


def _call_notes(document: RuntimeDocument, call: Call, sizes: Mapping[str, PoolSize]) -> list[Note]:
    notes = []
    if call.admits_per_second is not None and not call.from_demand:
        callers = sizes[call.caller]
        if callers.agents_min < callers.agents_max:
            notes.append(
                Note(
                    call.name,
                    f"the buckets of all agents of {call.caller} are one here, and as large as those of "
                    f"{callers.agents_max} agents even while fewer run",
                )
            )
    if call.to_dependency:
        return notes
    size, full = sizes[call.callee], document.pool(call.callee)
    if call.eject_share is not None:
        percent = math.floor(call.eject_share * 100)
        for here, there in ((size.agents_at_start, full.agents_min), (size.agents_max, full.agents_max)):
            if ejectable(here, percent) == 0 < ejectable(there, percent):
                notes.append(
                    Note(
                        call.name,
                        f"{percent} % of {here} agents is nobody to eject; of {there}, the full size, it is not",
                    )
                )
                break
    if call.retries and size.agents_at_start == 1 < full.agents_min:
        notes.append(Note(call.name, f"a retry has no other agent of {call.callee} to go to: only one runs here"))
    return notes


def _connections(
    document: RuntimeDocument, one: Dependency, scale: Fraction, sizes: Mapping[str, PoolSize]
) -> tuple[int | None, list[Note]]:
    """The local limit. Where the agents fit at full size they must fit here: rounding agents up must not break it."""
    if one.connections is None:
        return None, []
    held = {
        pool.name: sum(count for dependency, count in pool.holds if dependency == one.name) for pool in document.pools
    }
    there = sum(pool.agents_max * held[pool.name] for pool in document.pools)
    here = sum(sizes[pool.name].agents_max * held[pool.name] for pool in document.pools)
    limit = math.ceil(one.connections * scale)
    if there <= one.connections and here > limit:
        return here, [Note(one.name, f"its {limit} connections at this size are raised to {here}: agents round up")]
    if there > one.connections and here <= limit:
        return limit, [Note(one.name, f"{there} connections are wanted of {one.connections}, yet at this size all fit")]
    return limit, []


def _dependency(document: RuntimeDocument, one: Dependency, scale: Fraction, connections: int | None) -> DependencySize:
    requests, tokens = one.requests_per_second, one.tokens_per_second
    largest = max((call.tokens_per_call or Fraction(0) for call in document.calls_to(one.name)), default=Fraction(0))
    return DependencySize(
        one.name,
        None if requests is None else requests * scale,
        None if requests is None else max(requests * scale, Fraction(BURST_REQUESTS)),
        None if tokens is None else tokens * scale,
        None if tokens is None else max(tokens * scale, largest * BURST_REQUESTS),
        connections,
    )
