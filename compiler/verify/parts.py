"""A fleet -> the parts of it that share no call, and which of them a change of literals can touch.

Invariant: an obligation of a local family (`obligations.LOCAL`) about a pool, a call or a demand is the same whether
it is made from the whole fleet or from the part that this belongs to: calls join callers and callees, and dependencies
are kept whole, for they answer in their own time whoever else calls. So after a change within one part all that can
differ is that part's own obligations and those of the other families, which look at the fleet as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from seatrial.dsl.source import Span

from ..model import AbortFault, CalleeKind, DelayFault, Fleet, HangFault, KillFault, PartitionFault, SaturateFault
from .rebuild import Path, places


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

    @cached_property
    def places(self) -> dict[Span, list[Path]]:
        return places(self.fleet)

    def touched(self, paths: Iterable[Path]) -> frozenset[str] | None:
        """The parts that the literals at these paths belong to; None where one of them may touch all."""
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

    def succeeding(self, touched: frozenset[str]) -> tuple[str, ...]:
        """The demands whose success a change in these parts may touch: all, where a trial's fault strikes one of them,
        for the load that it moves counts for every demand."""
        struck = set()
        for trial in self.fleet.trials:
            for fault in trial.faults:
                match fault:
                    case KillFault() | HangFault() | SaturateFault():
                        struck.add(self._of[fault.pool.value])
                    case DelayFault() | AbortFault():
                        struck.add(self._of[fault.caller.value])
                    case PartitionFault():
                        struck.update(self._of[caller.value] for caller, _ in fault.calls)
        everyone = bool(struck & touched)
        return tuple(one.name for one in self.fleet.demands if everyone or self._of[one.name] in touched)

    def alone(self, fleet: Fleet, parts: frozenset[str]) -> Fleet:
        """These parts of the fleet, with what local families need."""
        of = self._of
        return replace(
            fleet,
            demands=tuple(one for one in fleet.demands if of[one.name] in parts),
            pools=tuple(one for one in fleet.pools if of[one.name] in parts),
            calls=tuple(one for one in fleet.calls if of[one.caller] in parts),
            consensuses=tuple(one for one in fleet.consensuses if of[one.pool.value] in parts),
            budgets=(),
            cost=(),
            success=(),
            recovery=(),
            trials=(),
        )
