"""A fleet -> its pools, demands and dependencies by name, and who calls whom, however far.

Invariant: no answer depends on the order of the text but where it says so; each is worked out once.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter

from ...model import Call, CalleeKind, CallerKind, Demand, Dependency, Fleet, Pool
from ...semantics.flow import callers_first


@dataclass(frozen=True)
class CallGraph:
    fleet: Fleet

    @cached_property
    def circle(self) -> tuple[Call, ...]:
        """Calls that lead from a pool back to itself; empty where there are none."""
        if len(self._ranks) == len(self.fleet.pools):
            return ()
        state: dict[str, int] = {}
        for start in self.fleet.pools:
            if start.name in state:
                continue
            path: list[Call] = []
            stack: list[tuple[str, list[Call]]] = [(start.name, self._to_pools(start.name))]
            state[start.name] = 1
            while stack:
                name, rest = stack[-1]
                if not rest:
                    state[name] = 2
                    stack.pop()
                    if path:
                        path.pop()
                    continue
                call = rest.pop(0)
                if state.get(call.callee) == 1:
                    names = [each[0] for each in stack]
                    return (*path[names.index(call.callee) :], call)
                if call.callee not in state:
                    state[call.callee] = 1
                    path.append(call)
                    stack.append((call.callee, self._to_pools(call.callee)))
        return ()

    def _to_pools(self, caller: str) -> list[Call]:
        return [call for call in self.out(caller) if call.callee_kind is CalleeKind.POOL]

    @cached_property
    def _sorted(self) -> list[Call]:
        return sorted(self.fleet.calls, key=attrgetter("caller", "callee"))

    @cached_property
    def _out(self) -> dict[str, list[Call]]:
        return _grouped(self._sorted, attrgetter("caller"))

    @cached_property
    def _into(self) -> dict[str, list[Call]]:
        return _grouped(self._sorted, attrgetter("callee"))

    @property
    def calls_out(self) -> dict[str, list[Call]]:
        return self._out

    def out(self, caller: str) -> list[Call]:
        """Calls of one caller, in an order that does not depend on the text's."""
        return self._out.get(caller, [])

    def into(self, callee: str) -> list[Call]:
        return self._into.get(callee, [])

    @cached_property
    def pools(self) -> tuple[Pool, ...]:
        """Callers before callees; only where no calls go in a circle."""
        return tuple(self._named_pools[name] for name in self._ranks)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of `pools`, also where some calls go in a circle: then without what is on it or behind it."""
        return tuple(self._ranks)

    @cached_property
    def _ranks(self) -> dict[str, int]:
        """Places of the pools, callers first; without those on a circle or behind one."""
        order = callers_first(self._named_pools, ((call.caller, call.callee) for call in self.fleet.calls))
        return {name: rank for rank, name in enumerate(order)}

    @cached_property
    def _named_pools(self) -> dict[str, Pool]:
        return {pool.name: pool for pool in self.fleet.pools}

    @cached_property
    def _named_demands(self) -> dict[str, Demand]:
        return {demand.name: demand for demand in self.fleet.demands}

    @cached_property
    def _named_dependencies(self) -> dict[str, Dependency]:
        return {one.name: one for one in self.fleet.dependencies}

    def pool(self, name: str) -> Pool:
        return self._named_pools[name]

    def is_pool(self, name: str) -> bool:
        return name in self._named_pools

    def is_dependency(self, name: str) -> bool:
        return name in self._named_dependencies

    def demand(self, name: str) -> Demand:
        return self._named_demands[name]

    def dependency(self, name: str) -> Dependency:
        return self._named_dependencies[name]

    def reached(self, start: str) -> tuple[str, ...]:
        """The pools that calls lead to from a demand, a pool (itself first) or nowhere; callers before callees."""
        if start not in self._reached:
            self._reached[start] = self._reached_from(start)
        return self._reached[start]

    @cached_property
    def _reached(self) -> dict[str, tuple[str, ...]]:
        return {}

    def _reached_from(self, start: str) -> tuple[str, ...]:
        if start in self._named_demands and len(calls := self._to_pools(start)) == 1:
            # All that a demand reaches lies behind the one pool that it calls.
            return self.reached(calls[0].callee)
        seen, open_ = {start}, [start]
        while open_:
            for call in self.out(open_.pop()):
                if call.callee not in seen and call.callee_kind is CalleeKind.POOL:
                    seen.add(call.callee)
                    open_.append(call.callee)
        return tuple(sorted((name for name in seen if name in self._ranks), key=self._ranks.__getitem__))

    def above(self, *names: str, among: Container[str] | None = None) -> list[str]:
        """Pools or dependencies, and all pools (`among` these) that they are called from, however far; callers before
        callees."""
        seen, open_ = set(names), list(names)
        while open_:
            for call in self.into(open_.pop()):
                if call.caller in seen or call.caller_kind is not CallerKind.POOL:
                    continue
                if among is None or call.caller in among:
                    seen.add(call.caller)
                    open_.append(call.caller)
        return sorted(seen, key=lambda one: self._ranks.get(one, len(self._ranks)))

    def arriving(self, name: str) -> list[Call]:
        """Calls to it that anything comes through: those of demands first, then of pools, callers before callees."""
        places = self._turns
        reached = [call for call in self.into(name) if call.caller in self._alive]
        return sorted(reached, key=lambda call: places[call.caller])

    @cached_property
    def _turns(self) -> dict[str, int]:
        demands = {one.name: index for index, one in enumerate(self.fleet.demands)}
        return demands | {name: len(demands) + rank for name, rank in self._ranks.items()}

    @cached_property
    def _alive(self) -> set[str]:
        """Demands and the pools that they reach."""
        found, open_ = set(self._named_demands), list(self._named_demands)
        while open_:
            for call in self.out(open_.pop()):
                if call.callee not in found and call.callee_kind is CalleeKind.POOL:
                    found.add(call.callee)
                    open_.append(call.callee)
        return found

    def demands_of(self, name: str) -> Sequence[Demand]:
        """The demands whose requests reach a pool or dependency, as the spec has them one after the other."""
        return self._demands_of.get(name, ())

    @cached_property
    def _demands_of(self) -> dict[str, list[Demand]]:
        found: dict[str, list[Demand]] = {}
        for demand in self.fleet.demands:
            passed = {demand.name, *self.reached(demand.name)}
            for name in {call.callee for place in passed for call in self.out(place)}:
                found.setdefault(name, []).append(demand)
        return found


def _grouped(calls: Iterable[Call], side: Callable[[Call], str]) -> dict[str, list[Call]]:
    groups: dict[str, list[Call]] = {}
    for call in calls:
        groups.setdefault(side(call), []).append(call)
    return groups
