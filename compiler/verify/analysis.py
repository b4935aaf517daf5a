"""A fleet -> the rates, visits and attempts that flow through its call graph, as expressions over its literals.

Invariant: everything is built once, callers before callees, and shared; nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from ..model import Call, CalleeKind, CallerKind, Demand, Fleet, Pool, Trial
from ..semantics.flow import arriving, callers_first
from ..semantics.retries import amplification
from ..semantics.scaling import update_bounds
from . import leaves
from .expression import Derived, Expression, derived, lift, total, value

if TYPE_CHECKING:
    from .failing import Failing
    from .occupancy import Occupancy
    from .tails import Tails


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
class Analysis:
    """`wants`: whether a guarantee is asked for, by its id; families may leave the others out."""

    fleet: Fleet
    wants: Callable[[str], bool] = _all

    @cached_property
    def circle(self) -> tuple[Call, ...]:
        """Calls that lead from a pool back to itself; empty where there are none."""
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
    def _out(self) -> dict[str, list[Call]]:
        return _grouped(self.fleet.calls, "caller")

    @cached_property
    def _into(self) -> dict[str, list[Call]]:
        return _grouped(self.fleet.calls, "callee")

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
        named = {pool.name: pool for pool in self.fleet.pools}
        order = callers_first(named, ((call.caller, call.callee) for call in self.fleet.calls))
        return tuple(named[name] for name in order)

    def attempts(self, call: Call) -> Expression:
        """Most attempts for each call when all of them fail."""
        return self._attempts[call.name]

    @cached_property
    def _attempts(self) -> dict[str, Expression]:
        found: dict[str, Expression] = {}
        for call in self.fleet.calls:
            retry = call.policy.retry
            if retry is None:
                found[call.name] = lift(1)
                continue
            budget = retry.budget_share.value if retry.budget_share else None
            most = amplification(retry.attempts.value, budget)
            found[call.name] = derived(f"attempts for each call {call.name}", most, leaves.retry(call))
        return found

    def rate(self, level: Level, name: str, *, retried: bool = False) -> Expression:
        """Requests per second that arrive at a pool or dependency, plain, or with every call tried to the last."""
        return self._rates[(level, retried)].get(name, lift(0))

    def call_rate(self, level: Level, call: Call, *, retried: bool = False) -> Expression:
        if call.caller_kind is CallerKind.DEMAND:
            demand = self.fleet.demand(call.caller)
            base: Expression = leaves.steady(demand) if level is Level.STEADY else leaves.peak(demand)
        else:
            base = self.rate(level, call.caller, retried=retried)
        return self._through(base, call, retried)

    def _through(self, base: Expression, call: Call, retried: bool) -> Expression:
        # A `serves` clause has one call per request by its meaning: that 1 is no literal.
        through = base if call.caller_kind is CallerKind.DEMAND else base * leaves.per_request(call)
        return through * self.attempts(call) if retried and call.policy.retry is not None else through

    @cached_property
    def _rates(self) -> dict[tuple[Level, bool], dict[str, Expression]]:
        return {(level, retried): self._flow(level, retried) for level in ENDS for retried in (False, True)}

    def _flow(self, level: Level, retried: bool) -> dict[str, Expression]:
        parts: dict[str, list[Expression]] = {}
        for demand in self.fleet.demands:
            base = leaves.peak(demand) if level is Level.PEAK else leaves.steady(demand)
            for call in self.out(demand.name):
                parts.setdefault(call.callee, []).append(self._through(base, call, retried))
        return self._down(parts, retried)

    def _down(self, parts: dict[str, list[Expression]], retried: bool) -> dict[str, Expression]:
        """What arrives from outside -> what arrives everywhere."""
        order = [pool.name for pool in self.pools]
        return arriving(
            order,
            self._out,
            parts,
            lambda call: call.callee,
            lambda here, call: self._through(here, call, retried),
            _sum,
        )

    def visits(self, demand: Demand, *, retried: bool = False) -> dict[str, Expression]:
        """Requests at each pool and dependency for one request of the demand."""
        parts: dict[str, list[Expression]] = {}
        for call in self.out(demand.name):
            parts.setdefault(call.callee, []).append(self._through(lift(1), call, retried))
        return self._down(parts, retried)

    def visits_of(self, demand: Demand) -> dict[str, Fraction]:
        """`visits` as numbers, worked out once."""
        return self._visits[demand.name]

    @cached_property
    def _visits(self) -> dict[str, dict[str, Fraction]]:
        return {
            demand.name: {name: value(count) for name, count in self.visits(demand).items()}
            for demand in self.fleet.demands
        }

    def occupancy(self, level: Level) -> Occupancy:
        return self._occupancies[level]

    def tails(self, level: Level) -> Tails:
        return self._tails[level]

    @cached_property
    def _tails(self) -> dict[Level, Tails]:
        from .tails import Tails

        return {level: Tails(self, level) for level in Level}

    @cached_property
    def _occupancies(self) -> dict[Level, Occupancy]:
        from .occupancy import Occupancy

        return {level: Occupancy(self, level) for level in Level}

    def failing(self, trial: Trial) -> Failing:
        from .failing import Failing

        if trial.name not in self._failing:
            self._failing[trial.name] = Failing(self, trial)
        return self._failing[trial.name]

    @cached_property
    def _failing(self) -> dict[str, Failing]:
        return {}

    def pods(self, pool: Pool) -> Derived:
        """Most pods at once: the maximum, and those that a rolling update adds meanwhile."""
        return self._pods[pool.name]

    @cached_property
    def _pods(self) -> dict[str, Derived]:
        return {
            pool.name: derived(
                f"pods of {pool.name} during an update",
                update_bounds(pool.agents_max.value).most,
                [leaves.agents_max(pool)],
            )
            for pool in self.fleet.pools
        }


def _sum(parts: list[Expression]) -> Expression:
    # The smallest first: a core sheds from the front, and keeps what weighs most.
    return total(sorted(parts, key=value))


def _grouped(calls: Iterable[Call], side: str) -> dict[str, list[Call]]:
    groups: dict[str, list[Call]] = {}
    for call in sorted(calls, key=lambda call: (call.caller, call.callee)):
        groups.setdefault(getattr(call, side), []).append(call)
    return groups
