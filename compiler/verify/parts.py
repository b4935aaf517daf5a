"""A fleet -> the parts of it that share no call, and which of them a change of literals can touch.

Invariant: an obligation of a local family (`obligations.LOCAL`) about a pool, a call or a demand is the same whether
it is made from the whole fleet or from the part that this belongs to: calls join callers and callees, and dependencies
are kept whole, for they answer in their own time whoever else calls. So after a change within one part all that can
differ is that part's own obligations and those of the other families, which look at the fleet as a whole. Where
calls go in a circle all is one part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import chain

from ..model import CalleeKind, Demand, Fleet, Pool
from .edits.rebuild import Path, Places
from .faults.outages import strikes
from .faults.reach import place_of
from .flows.call_graph import CallGraph


@dataclass(frozen=True)
class Parts:
    """The parts of one fleet; also good for any fleet that differs from it in the values of literals only."""

    fleet: Fleet

    @cached_property
    def _of(self) -> dict[str, str]:
        """The name that stands for the part of each demand and pool."""
        names = [one.name for one in self.fleet.demands] + [one.name for one in self.fleet.pools]
        above = {name: name for name in names}

        def root(name: str) -> str:
            while above[name] != name:
                above[name] = above[above[name]]
                name = above[name]
            return name

        for call in self.fleet.calls:
            if call.callee_kind is CalleeKind.POOL:
                above[root(call.caller)] = root(call.callee)
        return {name: root(name) for name in above}

    def with_literals(self, fleet: Fleet) -> Parts:
        """The parts of a fleet that differs from this one within parts only."""
        other = Parts(fleet)
        other.__dict__.update(_of=self._of, _circular=self._circular, _members=self._members, _struck=self._struck)
        other.__dict__["_like"] = self.__dict__.get("places") or self.__dict__.get("_like")
        return other

    @cached_property
    def _circular(self) -> bool:
        """Whether some calls go in a circle: then much is left open everywhere, also of parts without one."""
        return bool(CallGraph(self.fleet).circle)

    @cached_property
    def places(self) -> Places:
        """Where its literals are used."""
        return Places(self.fleet, self.__dict__.get("_like"))

    @cached_property
    def clauses(self) -> int:
        """How many demands, pools and calls there are."""
        return self._sizes.total()

    def clauses_of(self, parts: frozenset[str]) -> int:
        """How many of them in these parts."""
        return sum(self._sizes[part] for part in parts)

    @cached_property
    def _sizes(self) -> Counter[str]:
        return Counter((*self._of.values(), *(self._of[call.caller] for call in self.fleet.calls)))

    def touched(self, paths: Iterable[Path]) -> frozenset[str] | None:
        """The parts that the literals at these paths belong to; None where one of them may touch all."""
        if self._circular:
            return None
        found = set()
        for path in paths:
            field, index = path[0], path[1] if len(path) > 1 else None
            if field not in ("demands", "pools", "calls", "consensuses") or not isinstance(index, int):
                return None
            match field:
                case "demands":
                    name = self.fleet.demands[index].name
                case "pools":
                    name = self.fleet.pools[index].name
                case "calls":
                    name = self.fleet.calls[index].caller
                case _:
                    name = self.fleet.consensuses[index].pool.value
            found.add(self._of[name])
        return frozenset(found)

    def changed(self, fleet: Fleet) -> frozenset[str]:
        """The fields of the fleet in which another one differs from this."""
        return frozenset(
            one.name
            for one in fields(Fleet)
            if (now := getattr(fleet, one.name)) is not (before := getattr(self.fleet, one.name)) and now != before
        )

    def touched_by(self, fleet: Fleet) -> frozenset[str] | None:
        """The parts in which a fleet with other literals differs; None where more does, or another is called."""
        if self._circular or any(name not in ("demands", "pools", "calls") for name in self.changed(fleet)):
            return None
        found: set[str] = set()
        now: tuple[Demand | Pool, ...] = (*fleet.demands, *fleet.pools)
        before: tuple[Demand | Pool, ...] = (*self.fleet.demands, *self.fleet.pools)
        if [one.name for one in now] != [one.name for one in before]:
            return None
        found |= {self._of[one.name] for one, other in zip(now, before, strict=True) if one is not other}
        if len(fleet.calls) != len(self.fleet.calls):
            return None
        for call, was in zip(fleet.calls, self.fleet.calls, strict=True):
            if call is not was:
                if (call.caller, call.callee) != (was.caller, was.callee):
                    return None
                found.add(self._of[call.caller])
        return frozenset(found)

    @cached_property
    def _members(self) -> dict[str, tuple[list[int], list[int], list[int]]]:
        """By part the places of its demands, its pools, and the calls that these make, in the fleet."""
        found: dict[str, tuple[list[int], list[int], list[int]]] = {part: ([], [], []) for part in self._of.values()}
        named = ([one.name for one in self.fleet.demands], [one.name for one in self.fleet.pools])
        for kind, names in enumerate((*named, [one.caller for one in self.fleet.calls])):
            for at, name in enumerate(names):
                found[self._of[name]][kind].append(at)
        return found

    def inside(self, touched: frozenset[str] | None) -> frozenset[str] | None:
        """The demands and pools of these parts, and the dependencies, which are of none; None where all are touched."""
        if touched is None:
            return None
        names = {one.name for one in self.fleet.dependencies}
        for part in touched:
            demands, pools, _ = self._members[part]
            names |= {self.fleet.demands[at].name for at in demands} | {self.fleet.pools[at].name for at in pools}
        return frozenset(names)

    def demands(self, touched: frozenset[str]) -> tuple[str, ...]:
        """Those of these parts, and of others that what happens there may change: parts that draw on the same quotas,
        where what is over is refused whoever asks, and those that faults strike, for what all ask of dependencies."""
        near = touched | self._struck
        for quota in self.fleet.quotas:
            drawing = {self._of[call.caller] for call in self.fleet.calls if call.callee == quota.dependency.value}
            if not drawing.isdisjoint(touched):
                near |= drawing
        return tuple(one.name for one in self.fleet.demands if self._of[one.name] in near)

    @cached_property
    def _struck(self) -> frozenset[str]:
        return frozenset(self._of[place_of(one.fault)] for trial in self.fleet.trials for one in strikes(trial))

    def alone(self, fleet: Fleet, parts: frozenset[str]) -> Fleet:
        """These parts of the fleet, with what local families need."""
        of, members = self._of, [self._members[part] for part in parts]
        demands, pools, calls = (sorted(chain.from_iterable(one[kind] for one in members)) for kind in range(3))
        return replace(
            fleet,
            demands=tuple([fleet.demands[at] for at in demands]),
            pools=tuple([fleet.pools[at] for at in pools]),
            calls=tuple([fleet.calls[at] for at in calls]),
            consensuses=tuple(one for one in fleet.consensuses if of[one.pool.value] in parts),
            budgets=(),
            cost=(),
            success=(),
            recovery=(),
            # What they lay into queues piles up.
            trials=tuple(one for one in fleet.trials if one.backlogs),
        )
