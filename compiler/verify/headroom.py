"""A fleet -> how far the world can move, one thing at a time, before a guarantee is no longer proved.

Each answer is two checks of a changed fleet: at `until` all stands as it does now, one step further something is worse.
No guarantee is known to fall once and for all, so that what was not tried is not claimed. Invariant: at each of the
`tried` values up to `until` all was found to stand; `returns` only where it was seen to stand again farther out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

from ..model import Fleet, Loss, Stated, Survive
from .check import reason, statuses
from .decided import Watch, unwatched
from .edits.rebuild import is_sound
from .finding import Status
from .flows.analysis import Analysis
from .obligation import Judged
from .obligations import FAMILIES, Family
from .repairs.repair import first_step
from .standing import RANK

MOST_PERCENT = 900
"""Ten times as much as now: who wants to know of more states it in the spec."""
MOST_POOLS = 12
"""With more pools than this they are moved together; one of them is looked at when it is asked for by name."""
_LEAST_TRIED = 8
_PARTS_TRIED = 64
"""Divided by the pools: so many more values are tried below a fall, all of them where there are no more. A check takes
the longer the more pools there are; with one it takes milliseconds."""
_TRIED_BEYOND = 3


@dataclass(frozen=True, slots=True)
class Axis:
    """One thing that may move. `at(n)`: the fleet after n steps, None where there is no such fleet."""

    name: str
    unit: str
    """`%` for per cent more than now, else what is counted."""
    most: int
    at: Callable[[int], Fleet | None]


@dataclass(frozen=True, slots=True)
class Room:
    """`until` steps change nothing for the worse; at one more the guarantees in `falls` are what `becomes` says.

    No `falls`: nothing falls as far as was looked, which is `until`. `tried`: at so many of the steps up to `until`
    all was found to hold. `returns`: farther than it fell it was found to hold again. `why`: what refutes the first of
    them at that step, or leaves it open.
    """

    axis: str
    unit: str
    until: int
    falls: tuple[str, ...]
    becomes: Status | None
    tried: int
    returns: bool
    why: str = ""

    @property
    def each_tried(self) -> bool:
        """Whether there is no step up to `until` of which it is not known that all holds."""
        return self.tried == self.until


Each = Callable[[Callable[[int], Room], Sequence[int]], Iterable[Room]]
"""What `map` does, or does on several cores: the work can be pickled."""


def headroom(fleet: Fleet, of: str = "", watch: Watch = unwatched, each: Each = map) -> tuple[Room, ...]:
    """The least room first. `of`: only what has this in its name, each pool by itself."""
    names = [one.name for one in _chosen(fleet, of)]
    found = []
    rooms = iter(each(partial(_room_at, fleet, of, statuses(fleet)), range(len(names))))
    for done, name in enumerate(names):
        watch(f"moving {name}", done, len(names))
        found.append(next(rooms))
    return tuple(sorted(found, key=lambda one: (not one.falls, one.unit != "%", one.until, one.axis)))


def _chosen(fleet: Fleet, of: str) -> list[Axis]:
    return [one for one in axes(fleet, bool(of)) if of in one.name]


def _room_at(fleet: Fleet, of: str, now: Mapping[str, Status], index: int) -> Room:
    return _room(_chosen(fleet, of)[index], now, max(_LEAST_TRIED, _PARTS_TRIED // max(len(fleet.pools), 1)))


def _fallen(fleet: Fleet, now: Mapping[str, Status], first: Family | None = None) -> Iterator[tuple[Family, Judged]]:
    """What is worse than now; what there was not now counts as proved. Families are judged one by one, as far as is
    asked for, beginning with the `first`."""
    analysis = Analysis(fleet, lambda id: now.get(id) is not Status.REFUTED)
    for family in sorted(FAMILIES, key=lambda one: one is not first):
        for one in family(analysis):
            if RANK[one.status] < RANK[now.get(one.id, Status.PROVED)]:
                yield family, one


def _room(axis: Axis, now: Mapping[str, Status], samples: int) -> Room:
    known: dict[int, bool | None] = {}
    likely: Family | None = None

    def at(step: int) -> Fleet | None:
        """None beyond the end."""
        moved = axis.at(step) if step <= axis.most else None
        return moved if moved is not None and is_sound(moved) else None

    def falls(step: int) -> bool | None:
        nonlocal likely
        if step not in known:
            moved = at(step)
            worse = None if moved is None else next(_fallen(moved, now, likely), None)
            known[step] = None if moved is None else worse is not None
            likely = worse[0] if worse else likely
        return known[step]

    def found(what: bool) -> list[int]:
        return [step for step, fell in known.items() if fell is what]

    first = first_step(falls, 0)
    end = first if first is not None else max((*found(False), 0)) + 1
    # The search takes a gap for the whole, and leaps over others.
    while (gap := next((step for step in _between(0, end, samples) if falls(step)), None)) is not None:
        holds = max(step for step in (0, *found(False)) if step < gap)
        while gap - holds > 1:
            middle = (holds + gap) // 2
            holds, gap = (holds, middle) if falls(middle) else (middle, gap)
        first = end = gap
    until = end - 1
    tried = sum(step <= until for step in found(False))
    if first is None:
        return Room(axis.name, axis.unit, until, (), None, tried, False)
    for step in _between(first, axis.most + 1, _TRIED_BEYOND):
        falls(step)
    moved = at(first)
    assert moved is not None
    worst = {one.id: one.status for _, one in _fallen(moved, now)}
    becomes = Status.REFUTED if Status.REFUTED in worst.values() else Status.UNKNOWN
    names = tuple(sorted(worst, key=lambda id: (RANK[worst[id]], id)))
    returns = any(step > first for step in found(False))
    return Room(axis.name, axis.unit, until, names, becomes, tried, returns, reason(moved, names[0]))


def _between(low: int, high: int, samples: int) -> list[int]:
    """So many steps strictly between two, or all."""
    width = high - low
    return sorted({low + width * part // (samples + 1) for part in range(1, samples + 1)} - {low, high})


def axes(fleet: Fleet, each: bool = False) -> Iterator[Axis]:
    """What may move in this fleet; `each`: every pool by itself, however many there are."""
    apart = each or len(fleet.pools) <= MOST_POOLS
    if len(fleet.demands) > 1:
        yield _percent("demand of all", partial(_demands, fleet, None))
    if len(fleet.demands) == 1 or apart:
        for demand in fleet.demands:
            yield _percent(f"demand of {demand.name}", partial(_demands, fleet, demand.name))
    timed = [pool for pool in fleet.pools if pool.each.service_mean_seconds is not None]
    if len(timed) > 1:
        yield _percent("service times of all", partial(_service, fleet, None))
    for pool in timed if apart else []:
        yield _percent(f"service time of {pool.name}", partial(_service, fleet, pool.name))
    for dependency in fleet.dependencies:
        if dependency.latency_p50_seconds is not None:
            name = dependency.name
            yield _percent(f"latency of {name}", partial(_latency, fleet, name))
    if _has_prices(fleet):
        yield _percent("prices of all", partial(_prices, fleet))
    for pool in fleet.pools if apart else ():
        if pool.agents_most.value > 1:
            yield Axis(
                f"agents of {pool.name} lost",
                "agent",
                pool.agents_most.value - 1,
                partial(_without, fleet, pool.name),
            )
    zones = max((nodes.zones.value for nodes in fleet.nodes), default=1)
    if zones > 1:
        yield Axis("zones lost", "zone", zones - 1, partial(_zones, fleet))


def _percent(name: str, moved: Callable[[Fraction], Fleet]) -> Axis:
    return Axis(name, "%", MOST_PERCENT, lambda step: moved(1 + Fraction(step, 100)))


def _times(stated: Any, by: Fraction) -> Any:
    return None if stated is None else replace(stated, value=stated.value * by)


def _demands(fleet: Fleet, name: str | None, by: Fraction) -> Fleet:
    def moved(one: Any) -> Any:
        return replace(
            one,
            steady_per_second=_times(one.steady_per_second, by),
            peak_per_second=_times(one.peak_per_second, by),
            rise_per_second=_times(one.rise_per_second, by),
        )

    return replace(fleet, demands=tuple(moved(one) if name in (None, one.name) else one for one in fleet.demands))


def _service(fleet: Fleet, name: str | None, by: Fraction) -> Fleet:
    def moved(pool: Any) -> Any:
        each = replace(
            pool.each,
            service_mean_seconds=_times(pool.each.service_mean_seconds, by),
            service_p99_seconds=_times(pool.each.service_p99_seconds, by),
        )
        return replace(pool, each=each)

    return replace(fleet, pools=tuple(moved(one) if name in (None, one.name) else one for one in fleet.pools))


def _latency(fleet: Fleet, name: str, by: Fraction) -> Fleet:
    def moved(one: Any) -> Any:
        return replace(
            one,
            latency_p50_seconds=_times(one.latency_p50_seconds, by),
            latency_p99_seconds=_times(one.latency_p99_seconds, by),
        )

    return replace(fleet, dependencies=tuple(moved(one) if one.name == name else one for one in fleet.dependencies))


def _has_prices(fleet: Fleet) -> bool:
    priced: list[object] = [one.dollars_per_hour for one in fleet.nodes]
    priced += [pool.each.dollars_per_hour for pool in fleet.pools]
    priced += [one.dollars_per_token for one in fleet.dependencies]
    return any(priced) and bool(fleet.budgets or fleet.cost or fleet.uses or fleet.bills)


def _prices(fleet: Fleet, by: Fraction) -> Fleet:
    return replace(
        fleet,
        nodes=tuple(replace(one, dollars_per_hour=_times(one.dollars_per_hour, by)) for one in fleet.nodes),
        pools=tuple(
            replace(one, each=replace(one.each, dollars_per_hour=_times(one.each.dollars_per_hour, by)))
            for one in fleet.pools
        ),
        dependencies=tuple(
            replace(
                one,
                dollars_per_token=_times(one.dollars_per_token, by),
                dollars_per_byte=_times(one.dollars_per_byte, by),
            )
            for one in fleet.dependencies
        ),
    )


def _without(fleet: Fleet, name: str, lost: int) -> Fleet:
    """The pool can never have more agents than that: as if those that are lost did not come back."""

    def moved(pool: Any) -> Any:
        most = pool.agents_most.value - lost
        least = min(pool.agents_min.value, most)
        return replace(
            pool,
            agents_max=replace(pool.agents_max, value=most),
            agents_min=replace(pool.agents_min, value=least),
        )

    return replace(fleet, pools=tuple(moved(one) if one.name == name else one for one in fleet.pools))


def _zones(fleet: Fleet, lost: int) -> Fleet:
    others = tuple(one for one in fleet.survive if one.what is not Loss.ZONE)
    at = fleet.at
    return replace(fleet, survive=(*others, Survive(at, Stated(lost, at), Loss.ZONE)))
