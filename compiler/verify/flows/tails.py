"""A tail probability and a demand -> a time that no larger share of its requests exceeds.

Invariant: every figure is an upper bound in the model of `occupancy`: a request is late only if one of the stages it
passes is, so the tail is divided among the stages (union bound; nothing is assumed independent but whether a call is
made and how long it takes), and any division is valid. The division only decides how tight the bound is.

Source: Boole's inequality; `semantics.queueing` for waits, `semantics.latency` for services. A call that may be made
2.5 times is two stages and a third that happens with probability 1/2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from ...model import Call, Pool
from ...semantics.queueing import RARE
from .analysis import Analysis, Level
from .deadlines import Ends
from .even_tails import EVERY_RUNG, EvenTails, Stage
from .figures import ERROR, Link
from .missing import missing_latency
from .occupancy import UP, Occupied
from .overtaking import overtaken, taken_together
from .unrest import erratic

_ROUNDS = 20
_SETTLED = 1e-4
"""A round that gains less is the last: the division is good enough, and any is valid."""
_RUNGS = 24
_RUNG = 10 ** (1 / 3)


@dataclass(frozen=True, slots=True)
class Bound:
    """Seconds, and the stage that has the most of them."""

    seconds: float
    most: str
    most_seconds: float


@dataclass(frozen=True)
class Tails:
    """Bounds at one level of demand, or with BETWEEN at all of them."""

    analysis: Analysis
    level: Level
    _known: dict[tuple[str, float], Bound | str] = field(default_factory=dict, repr=False)
    _near: dict[tuple[str, float], Bound] = field(default_factory=dict, repr=False)
    """Bounds that were near enough, and perhaps not the best."""
    _staged: dict[str, list[Stage] | str] = field(default_factory=dict, repr=False)

    def bound(self, start: str, tail: float, enough: float = 0.0) -> Bound | str:
        """For requests of a demand, or for calls to a pool or dependency; or why there is none. The first that is found
        within `enough` seconds, where there is one, else the best."""
        key = (start, tail)
        if key in self._near and self._near[key].seconds <= enough:
            return self._near[key]
        known = self._known.get(key)
        if known is None:
            known = self._bound(start, tail, enough)
            if isinstance(known, str) or known.seconds > enough:
                self._known[key] = known
            else:
                self._near[key] = known
        return known

    def _bound(self, start: str, tail: float, enough: float) -> Bound | str:
        capped: frozenset[str] = frozenset()
        best: Bound | None = None
        while True:
            visits = self._visits(start, capped)
            stages: dict[str, list[Stage]] = {}
            for name in visits:
                found = self.stages(name)
                if isinstance(found, str):
                    return found
                stages[name] = found
            left = self._left(tail, visits, capped)
            if isinstance(left, str):
                return left if best is None or math.isinf(best.seconds) else best
            parts = [(stage, p, m) for name in visits for p, m in visits[name].items() for stage in stages[name]]
            times = divided(parts, left, enough)
            cut: set[str] = set()
            total = self._path(start, 1.0, times, stages, capped, cut, {})
            if total > enough >= sum(times[(stage.name, p)] * m for stage, p, m in parts):
                # Its own sum was near enough, and what deadlines make of it is not: then the best is looked for.
                times, cut = divided(parts, left), set()
                total = self._path(start, 1.0, times, stages, capped, cut, {})
            most = max(times.items(), key=lambda item: item[1], default=(("", 1.0), 0.0))
            here = Bound(total, most[0][0], most[1])
            if best is None or here.seconds < best.seconds:
                best = here
            if best.seconds <= enough:
                return best
            if not cut - capped:
                even = self.roughly(start, tail)
                return best if even >= best.seconds else Bound(even, best.most, best.most_seconds)
            capped |= cut

    def _visits(self, start: str, capped: frozenset[str]) -> dict[str, dict[float, int]]:
        """How often each place is passed, by the chance that it is; not behind calls that count by their deadline."""
        visits: dict[str, dict[float, int]] = {start: {1.0: 1}}
        links = self.analysis.figures.links
        for name in dict.fromkeys((start, *self.analysis.reached(start))):
            here = visits.get(name)
            for link in links.get(name, ()) if here is not None else ():
                if capped and link.call.name in capped:
                    continue
                there = visits.setdefault(link.callee, {})
                for chance, count in (here or {}).items():
                    for share, times in repeats(link):
                        there[chance * share] = there.get(chance * share, 0) + count * times
        return visits

    def stages(self, name: str) -> list[Stage] | str:
        """Of a pool or a dependency, or why they are not known; a demand has none of its own."""
        found = self._staged.get(name)
        if found is None:
            found = self._staged[name] = self._stages_of(name)
        return found

    @cached_property
    def _unevenly_sharded(self) -> dict[str, str]:
        """From a pool to its queue that is divided by skill into other parts than the pool is."""
        by_skill = ((one, self.analysis.pool(one.pool.value)) for one in self.analysis.fleet.queues if one.by_skill)
        return {pool.name: one.name for one, pool in by_skill if one.shards.value not in (1, len(pool.divided))}

    @cached_property
    def _out_of_order(self) -> dict[str, str]:
        """From a pool to why requests that wait for it may be overtaken by later ones, or wait for one agent alone."""
        told = ((one, overtaken(self.analysis, one)) for one in self.analysis.fleet.queues)
        ordered = {one.pool.value: f"{one.name}: {why}" for one, why in told if why}
        pools = (one.pool.value for one in self.analysis.fleet.queues)
        return {name: why for name in pools if (why := taken_together(self.analysis, name))} | ordered

    def _stages_of(self, name: str) -> list[Stage] | str:
        analysis = self.analysis
        if analysis.is_pool(name):
            pool = analysis.pool(name)
            state, service = self.state(pool), analysis.service(pool)
            if isinstance(state, str):
                return state
            assert service is not None
            if state.unrest:
                return state.unrest
            if name in self._unevenly_sharded:
                queue = self._unevenly_sharded[name]
                return f"{queue} is divided by skill, and how much of the demand each shard gets is not stated"
            if name in self._out_of_order and state.wait.waiting > RARE:
                return self._out_of_order[name]
            if state.wait.endless:
                who = f"at some skill {name}" if pool.divided else name
                return f"{who} is overloaded, so its requests wait without end"
            why = erratic(pool, state.wait, state.held.variance / state.held.mean**2)
            if why:
                return why
            return [Stage(f"waiting at {name}", state.wait), Stage(f"the work of {name}", service[0])]
        if analysis.is_dependency(name):
            latency = analysis.latency(name)
            return missing_latency(analysis.dependency(name)) if latency is None else [Stage(name, latency[0])]
        return []

    def state(self, pool: Pool) -> Occupied | str:
        return self.analysis.occupancy(self.level).of(pool)

    def _path(
        self,
        name: str,
        chance: float,
        times: dict[tuple[str, float], float],
        stages: dict[str, list[Stage]],
        capped: frozenset[str],
        cut: set[str],
        known: dict[tuple[str, float], float],
    ) -> float:
        """The longest way through, each stage at its share of the tail; `cut` takes calls that their deadline ends."""
        if (name, chance) in known:
            return known[(name, chance)]
        total = sum(times[(stage.name, chance)] for stage in stages[name])
        for link in self.analysis.figures.links.get(name, ()):
            for share, count in repeats(link):
                if capped and link.call.name in capped:
                    total += count * self._capped(link.call)
                    continue
                behind = self._path(link.callee, chance * share, times, stages, capped, cut, known)
                ended = self._ends(link.call).of(behind)
                if ended < behind or (math.isinf(ended) and math.isfinite(behind)):
                    cut.add(link.call.name)
                total += count * ended
        known[(name, chance)] = total
        return total

    def _left(self, tail: float, visits: dict[str, dict[float, int]], capped: frozenset[str]) -> float | str:
        """What of the tail the stages may use up; or why nothing is left of it."""
        return tail

    def _capped(self, call: Call) -> float:
        """The time of a call that counts by its deadline."""
        return self.analysis.ends(call).longest

    def _ends(self, call: Call) -> Ends:
        """How long what lies behind a call may take, and what counts as its time where it takes longer."""
        return self.analysis.ends(call)

    def roughly(self, start: str, tail: float) -> float:
        """The same bound with the tail divided evenly among all stages, in one pass over the calls; infinite where
        there is a reason why there is none, or where the parts are too small."""
        return self._even.bound(start, tail)

    def roughly_later_than(self, name: str, seconds: float) -> float:
        """The bound of `share_later_than` by those coarser tails, and never below it."""
        return up_the_ladder(self._even.share_later_than(name, seconds))

    def late_at_most(self, name: str, seconds: float) -> float:
        """The share of requests to a place that take longer, by those coarser tails; 1 where that is not known."""
        return self._even.share_later_than(name, seconds, EVERY_RUNG)

    def forget(self, pool: Pool) -> None:
        """What `late_at_most` has found of a pool, as long as nobody has asked for one that calls it."""
        self._staged.pop(pool.name, None)
        self._even.forget(pool.name)

    @cached_property
    def _even(self) -> EvenTails:
        return EvenTails(self.analysis, self.stages, self._ends)


def repeats(link: Link) -> Iterator[tuple[float, int]]:
    """(chance, times) of the calls that one request makes."""
    if link.whole:
        yield 1.0, link.whole
    if link.chance:
        yield link.chance, 1


def divided(stages: list[tuple[Stage, float, int]], tail: float, enough: float = 0.0) -> dict[tuple[str, float], float]:
    """Divide the tail among the stages so that the sum of their times is small, or at most `enough`; gives the times.

    At the best division the cost of a relative change is in proportion to the share: shares are moved towards that and
    the best one seen is kept.
    """
    if not stages:
        return {}
    shares = [tail / sum(count for _, _, count in stages)] * len(stages)
    best: tuple[float, list[float]] = (math.inf, [])
    for _ in range(_ROUNDS):
        times, slopes, total, weight = [], [], 0.0, 0.0
        for (stage, chance, count), share in zip(stages, shares, strict=True):
            time, slope = stage.exceeded(share, chance)
            times.append(time)
            slopes.append(slope)
            total += time * count
            weight += slope * count
        settled = best[0] - total < _SETTLED * best[0]
        if total < best[0]:
            best = (total, times)
        if settled or total <= enough or weight <= 0:
            break
        # Half of the old share keeps a stage whose time is 0 now from being starved in one step.
        moved = 0.5 * tail / weight
        shares = [0.5 * share + moved * slope for share, slope in zip(shares, slopes, strict=True)]
        whole = sum(share * count for share, (_, _, count) in zip(shares, stages, strict=True))
        shares = [share * tail / whole for share in shares]
    return {(stage.name, chance): time for (stage, chance, _), time in zip(stages, best[1], strict=True)}


def up_the_ladder(share: float) -> float:
    """A share by coarser tails -> no less than `share_later_than` makes of the same."""
    return min(1.0, max(share * _RUNG, _RUNG**-_RUNGS) * (1 + ERROR))


def share_later_than(tails: Tails, callee: str, seconds: float) -> float | str:
    """An upper bound of the share of calls to a place that take longer; a coarse one, from a ladder of tails."""
    # The rungs are 10^(-n/3); the bound falls as the tail grows, so the smallest tail that fits is found by halving.
    # The even division is quick and no lower than the best, which is not far off: what it tells is where one begins.
    low, high, stride = _last_that_fits(tails, callee, seconds), _RUNGS, 1
    while low < high:
        middle = (low + high + 1) // 2
        if low:
            middle = min(middle, low + stride)
        bound = tails.bound(callee, _tail_of(middle), seconds)
        if isinstance(bound, str):
            return bound
        low, high, stride = (middle, high, 2 * stride) if bound.seconds <= seconds else (low, middle - 1, 1)
    return _tail_of(low)


def _last_that_fits(tails: Tails, callee: str, seconds: float) -> int:
    """The last rung at which the even division has no more than these seconds; 0 where none does."""
    low, high = 0, _RUNGS
    while low < high:
        middle = (low + high + 1) // 2
        fits = tails.roughly(callee, _tail_of(middle)) <= seconds
        low, high = (middle, high) if fits else (low, middle - 1)
    return low


def _tail_of(rung: int) -> float:
    return float(10 ** (-rung / 3))


def at_every_level(answers: Callable[[Level], Tails], start: str, tail: Fraction) -> Fraction | str:
    """Seconds, in whole milliseconds upwards, that no larger share exceeds at any level of demand; or why none are."""
    worst = Fraction(0)
    for level in Level:
        bound = answers(level).bound(start, float(tail))
        if isinstance(bound, str):
            return bound
        if math.isinf(bound.seconds):
            return f"{bound.most} has no end"
        worst = max(worst, Fraction(math.ceil(Fraction(bound.seconds) * UP * 1000), 1000))
    return worst
