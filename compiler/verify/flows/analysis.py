"""A fleet -> the rates, visits and attempts that flow through its call graph, as expressions over its literals.

Invariant: everything is built once, callers before callees, and shared; nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from operator import is_
from typing import TYPE_CHECKING, TypeVar, cast

from ...model import Call, CallerKind, Demand, Pool
from ...semantics import updates
from ...semantics.flow import arriving
from ...semantics.retries import amplification
from ..exact.expression import Derived, Expression, derived, lift, total, value
from . import leaves
from .call_graph import CallGraph
from .deadlines import Ends, ends_of
from .figures import Figures, double, links_of, peaks, steadies
from .pods import most_pods

if TYPE_CHECKING:
    from ...semantics.latency import LogNormal
    from .occupancy import Occupancy, Times
    from .tails import Tails


T = TypeVar("T")


class Level(StrEnum):
    """BETWEEN: the worst of all levels from steady to peak, for each pool by itself.

    What grows with the demand and nothing else is decided at the ends (`ENDS`): requests in hand, rates, money. Waits
    do not: just before an autoscaler adds an agent they may be longer than at either end (`occupancy`).
    """

    STEADY = "steady"
    PEAK = "peak"
    BETWEEN = "between"


ENDS = (Level.STEADY, Level.PEAK)


def _all(id: str) -> bool:
    return True


@dataclass(frozen=True)
class Analysis(CallGraph):
    """`wants`: whether a guarantee is asked for, by its id; families may leave the others out. `proving`: it is only
    asked whether a guarantee is proved, so that no course need be looked for that would refute it."""

    wants: Callable[[str], bool] = _all
    proving: bool = False

    def adopt(self, like: Analysis, again: frozenset[str] | None) -> None:
        """Take over what is the same in a fleet that differs from this in literals only; `again` are the demands and
        pools that share calls with those that differ, however far, and the dependencies. None: those are all."""
        keep = ["_ranks", "_turns", "_alive", "_reached"]
        self.__dict__["_of_pools"] = dict(like._of_pools)
        if again is not None:
            for key, known in like._by_caller.items():
                kept = self._by_caller[key] = dict(known)
                for name in again:
                    kept.pop(name, None)
        if like.fleet.demands is self.fleet.demands:
            keep += ["_demands_of"]
        if like.fleet.calls is self.fleet.calls:
            keep += ["_out", "_into", "figures", "_attempts", "_ends"]
            if like.fleet.demands is self.fleet.demands:
                keep += ["_flows"]
        else:
            self.__dict__["_attempts"] = dict(like._attempts)
            if self._adopt_calls(like) and like.fleet.demands is self.fleet.demands:
                keep += ["_flows"]
        for name in keep:
            getattr(like, name)
            self.__dict__[name] = like.__dict__[name]

    def take(self, part: Analysis) -> None:
        """Take over what was found of the demands and pools of a part of this fleet, looked at alone."""
        names = [*(one.name for one in part.fleet.demands), *part.names]
        for key, found in part._by_caller.items():
            known = self._by_caller.setdefault(key, {})
            for name in names:
                if name in found:
                    known.setdefault(name, found[name])

    def _adopt_calls(self, like: Analysis) -> bool:
        """Take over what is said of calls that are the same; whether as much flows through all others as before."""
        pairs = [pair for pair in zip(like.fleet.calls, self.fleet.calls, strict=True) if pair[0] is not pair[1]]
        for name, side in (("_out", "caller"), ("_into", "callee")):
            groups = dict(getattr(like, name))
            for was, now in pairs:
                group = groups[getattr(now, side)]
                groups[getattr(now, side)] = [now if one is was else one for one in group]
            self.__dict__[name] = groups
        before = like.figures.links
        anew = links_of({now.caller: self.out(now.caller) for _, now in pairs})
        self.__dict__["figures"] = Figures(like.names, {**before, **anew})
        gone = {id(was) for was, _ in pairs}
        self.__dict__["_ends"] = {key: found for key, found in like._ends.items() if key not in gone}
        return all(one[1:] == was[1:] for name in anew for one, was in zip(anew[name], before[name], strict=True))

    @cached_property
    def figures(self) -> Figures:
        return Figures(self.names, links_of(self.calls_out))

    def flow(self, level: Level, *, retried: bool = False) -> dict[str, float]:
        """`rate` of every pool and dependency that has one, in doubles."""
        known = self._flows.get((level, retried))
        if known is None:
            outside = steadies(self.fleet) if level is Level.STEADY else peaks(self.fleet)
            known = self._flows[(level, retried)] = self.figures.arriving(outside, retried=retried)
        return known

    @cached_property
    def _flows(self) -> dict[tuple[Level, bool], dict[str, float]]:
        return {}

    def attempts(self, call: Call) -> Expression:
        """Most attempts for each call when all of them fail."""
        known = self._attempts.get(call.name)
        if known is None or known[0] is not call:
            retry, most = call.policy.retry, lift(1)
            if retry is not None:
                budget = retry.budget_share.value if retry.budget_share else None
                count = amplification(retry.attempts.value, budget)
                most = derived(f"attempts for each call {call.name}", count, leaves.retry(call))
            known = self._attempts[call.name] = (call, most)
        return known[1]

    @cached_property
    def _attempts(self) -> dict[str, tuple[Call, Expression]]:
        """With the call that each is of: after an edit another one may have its name."""
        return {}

    def rate(self, level: Level, name: str, *, retried: bool = False) -> Expression:
        """Requests per second that arrive at a pool or dependency, plain, or with every call tried to the last."""
        known: dict[str, Expression] = self.by_caller(f"rate at {level}, {retried=}")
        if name not in known:
            for each in self.above(name):
                if each not in known:
                    parts = [self.call_rate(level, call, retried=retried) for call in self.arriving(each)]
                    known[each] = _sum(parts) if parts else lift(0)
        return known[name]

    def call_rate(self, level: Level, call: Call, *, retried: bool = False) -> Expression:
        known: dict[str, Expression] = self.by_callee(f"rates of calls at {level}, {retried=}", call.caller)
        if call.written_to not in known:
            known[call.written_to] = self._call_rate(level, call, retried)
        return known[call.written_to]

    def _call_rate(self, level: Level, call: Call, retried: bool) -> Expression:
        if call.caller_kind is CallerKind.DEMAND:
            demand = self.demand(call.caller)
            base: Expression = leaves.steady(demand) if level is Level.STEADY else leaves.peak(demand)
        else:
            base = self.rate(level, call.caller, retried=retried)
        return self._through(base, call, retried)

    def _through(self, base: Expression, call: Call, retried: bool) -> Expression:
        # A `serves` clause has one call per request by its meaning: that 1 is no literal.
        through = base if call.caller_kind is CallerKind.DEMAND else base * leaves.per_request(call)
        return through * self.attempts(call) if retried and call.policy.retry is not None else through

    def _down(self, order: Iterable[str], parts: dict[str, list[Expression]], retried: bool) -> dict[str, Expression]:
        """What arrives from outside -> what arrives at the pools of `order` and what they call."""
        return arriving(
            order,
            self.calls_out,
            parts,
            lambda call: call.callee,
            lambda here, call: self._through(here, call, retried),
            _sum,
        )

    def visits(self, demand: Demand, *, retried: bool = False) -> dict[str, Expression]:
        """Requests at each pool and dependency for one request of the demand."""
        known = self._visits.get((demand.name, retried))
        if known is None:
            parts: dict[str, list[Expression]] = {}
            for call in self.out(demand.name):
                parts.setdefault(call.callee, []).append(self._through(lift(1), call, retried))
            known = self._visits[(demand.name, retried)] = self._down(self.reached(demand.name), parts, retried)
        return known

    @cached_property
    def _visits(self) -> dict[tuple[str, bool], dict[str, Expression]]:
        return {}

    def visits_to(self, name: str, demand: Demand) -> Fraction:
        """`visits` of one pool or dependency as a number, 0 where none arrives; worked out once."""
        known = self._visited.get(demand.name)
        if known is None:
            known = self._visited[demand.name] = {demand.name: Fraction(1)}
            for each in self.reached(demand.name):
                known[each] = self._visits_among(known, each)
        if name not in known:
            known[name] = self._visits_among(known, name)
        return known[name]

    def _visits_among(self, known: Mapping[str, Fraction], name: str) -> Fraction:
        parts = [_from(known, call) for call in self.into(name) if call.caller in known]
        return parts[0] if len(parts) == 1 else sum(parts, Fraction(0))

    @cached_property
    def _visited(self) -> dict[str, dict[str, Fraction]]:
        return {}

    def service(self, pool: Pool) -> tuple[LogNormal, Times] | None:
        """`occupancy.slowed_service_of`, with its mean and variance; worked out once."""
        if pool.name not in self._services:
            from .occupancy import slowed_service_of, times_of

            service = slowed_service_of(pool)
            self._services[pool.name] = None if service is None else (service, times_of(service))
        return self._services[pool.name]

    @cached_property
    def _services(self) -> dict[str, tuple[LogNormal, Times] | None]:
        return {}

    def latency(self, name: str) -> tuple[LogNormal, Times] | None:
        """`occupancy.latency_of` of a dependency, with its mean and variance; worked out once."""
        if name not in self._latencies:
            from .occupancy import latency_of, times_of

            latency = latency_of(self.dependency(name))
            self._latencies[name] = None if latency is None else (latency, times_of(latency))
        return self._latencies[name]

    @cached_property
    def _latencies(self) -> dict[str, tuple[LogNormal, Times] | None]:
        return {}

    def ends(self, call: Call) -> Ends:
        """`deadlines.ends_of`; worked out once."""
        known = self._ends.get(id(call))
        if known is None:
            known = self._ends[id(call)] = ends_of(call)
        return known

    @cached_property
    def _ends(self) -> dict[int, Ends]:
        return {}

    def occupancy(self, level: Level) -> Occupancy:
        return self._occupancies[level]

    def tails(self, level: Level) -> Tails:
        """Of the time until a caller goes on, with an answer or without."""
        return self._tails[level]

    def answers(self, level: Level) -> Tails:
        """Of the time until an answer is there."""
        return self._answers[level]

    @cached_property
    def _tails(self) -> dict[Level, Tails]:
        from .tails import Tails

        return {level: Tails(self, level) for level in Level}

    @cached_property
    def _answers(self) -> dict[Level, Tails]:
        from .answers import Answers

        return {level: Answers(self, level) for level in Level}

    @cached_property
    def _occupancies(self) -> dict[Level, Occupancy]:
        from .occupancy import Occupancy

        return {level: Occupancy(self, level) for level in Level}

    def kept(self, key: str, make: Callable[[], T]) -> T:
        """What a family works out once for all its obligations."""
        if key not in self._kept:
            self._kept[key] = make()
        return cast(T, self._kept[key])

    @cached_property
    def _kept(self) -> dict[str, object]:
        return {}

    def by_caller(self, key: str) -> dict[str, T]:
        """What a family knows of demands and pools that hangs on the literals of their own part and on none of the
        whole fleet's but dependencies' (`parts`): taken over where these are the same as before."""
        return cast(dict[str, T], self._by_caller.setdefault(key, {}))

    def by_callee(self, key: str, caller: str) -> dict[str, T]:
        """The same of the calls of one demand or pool."""
        known: dict[str, dict[str, T]] = self.by_caller(key)
        return known.setdefault(caller, {})

    @cached_property
    def _by_caller(self) -> dict[str, dict[str, object]]:
        return {}

    def of_pools(self, key: str, make: Callable[[Pool], T]) -> list[T]:
        """What `make` makes of each pool, which looks at it and at the calls that it makes; taken over where these are
        the same as before."""
        pools = self.fleet.pools
        calls = [self._out.get(pool.name) for pool in pools]
        known = self._of_pools.get(key)
        if known is None:
            made = [make(pool) for pool in pools]
        else:
            made = cast(list[T], list(known[2]))
            same = zip(map(is_, pools, known[0]), map(is_, calls, known[1]), strict=True)
            for at in [at for at, one in enumerate(same) if one != (True, True)]:
                made[at] = make(pools[at])
        self._of_pools[key] = (pools, calls, made)
        return made

    @cached_property
    def _of_pools(self) -> dict[str, tuple[Sequence[Pool], Sequence[list[Call] | None], Sequence[object]]]:
        return {}

    def placed(self, pool: Pool) -> Derived:
        """Most pods that must find room at once: the maximum, and those that a rolling update starts beside them."""
        return self._counted("placed", pool, lambda: _during_an_update(pool, updates.placed_pods))

    def pods(self, pool: Pool) -> Derived:
        """Most pods that are there at once: those of `placed`, and those that still leave meanwhile."""
        return self._counted("pods", pool, lambda: _during_an_update(pool, updates.most_pods))

    def most_pods(self, pool: Pool) -> Derived:
        """Those of `pods`, where the autoscaler shrinks and grows it meanwhile."""
        return self._counted("most pods", pool, lambda: _most_pods(pool))

    def _counted(self, key: str, pool: Pool, make: Callable[[], Derived]) -> Derived:
        known: dict[str, Derived] = self.by_caller(key)
        if pool.name not in known:
            known[pool.name] = make()
        return known[pool.name]


def _most_pods(pool: Pool) -> Derived:
    basis = [leaves.agents_max(pool)]
    if pool.scaling is not None:
        basis += [leaves.agents_min(pool), leaves.drain(pool), leaves.down_over(pool.name, pool.scaling)]
    return derived(f"most pods of {pool.name}", most_pods(pool), [*basis, *leaves.step(pool)])


def _during_an_update(pool: Pool, count: Callable[[int], int]) -> Derived:
    name = f"pods of {pool.name} during an update"
    return derived(name, count(pool.agents_most.value), [leaves.agents_max(pool)])


def _from(known: Mapping[str, Fraction], call: Call) -> Fraction:
    """What a call passes on of what arrives at its caller."""
    here = known[call.caller]
    return here if call.caller_kind is CallerKind.DEMAND else here * call.per_request.value


def _sum(parts: list[Expression]) -> Expression:
    # The smallest first: a core sheds from the front, and keeps what weighs most. Doubles do for that.
    return total(sorted(parts, key=lambda one: double(value(one))))
