"""What sheds on the ways to a call -> for how long it goes on when a fault is over, and what it still lets through.

Invariant: of all ways from a demand the one with the most of it counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from ...model import Call, Demand, Pool, ShedOnLatency
from ...semantics.shedding import LOOKS_BACK_S, MOST_REJECTED
from ..flows.analysis import Analysis


@dataclass(frozen=True, slots=True)
class Way:
    """Of those who shed on it: their windows together, and how many do it by success."""

    seconds: Fraction = Fraction(0)
    by_success: int = 0


@dataclass(frozen=True)
class Sheds:
    """Only where no calls go in a circle."""

    analysis: Analysis

    @cached_property
    def any_by_success(self) -> bool:
        return any(call.policy.shed_on_failure is not None for call in self.analysis.fleet.calls)

    def on_the_way(self, demand: Demand) -> bool:
        """Whether requests of the demand may be shed, by success or by latency."""
        if not self._any:
            return False
        if self.any_by_success and any(
            call.policy.shed_on_failure is not None
            for name in (demand.name, *self.analysis.reached(demand.name))
            for call in self.analysis.out(name)
        ):
            return True
        return bool(self.late_for(demand))

    def late_for(self, demand: Demand) -> list[tuple[Pool, ShedOnLatency]]:
        """The pools on the demand's way that shed requests of its priority by latency, each with such a rule."""
        priority = demand.priority.value if demand.priority is not None else 0
        pools = map(self.analysis.pool, self.analysis.reached(demand.name))
        return [(pool, rule) for pool in pools for rule in self.by_latency(pool) if priority <= rule.priority.value]

    def by_latency(self, pool: Pool) -> tuple[ShedOnLatency, ...]:
        """The rules of its callers: an agent goes by all of them, whoever asks."""
        rules = (call.policy.shed_on_latency for call in self.analysis.into(pool.name))
        return tuple(rule for rule in rules if rule is not None)

    def seconds(self, call: Call) -> Fraction:
        """From the call's last failure on, until nothing is turned away for it any more."""
        return self._with(call).seconds

    def seconds_at(self, pool: str) -> Fraction:
        """From the pool's last late answer on; 0 where it does not shed by latency."""
        return self._way(pool).seconds if self.by_latency(self.analysis.pool(pool)) else Fraction(0)

    def let_through(self, call: Call) -> Fraction:
        """The least share of what would be sent on the call, its own caller's shedding included."""
        return (1 - MOST_REJECTED) ** self._with(call).by_success

    def _with(self, call: Call) -> Way:
        """Of all ways to the callee that end with the call."""
        way, shed = self._way(call.caller), call.policy.shed_on_failure
        return way if shed is None else Way(way.seconds + shed.over_seconds.value, way.by_success + 1)

    def _way(self, caller: str) -> Way:
        if not self._any or not self.analysis.is_pool(caller):
            return Way()
        if caller not in self._ways:
            for name in self.analysis.above(caller):
                if name not in self._ways:
                    self._ways[name] = self._to(self.analysis.pool(name))
        return self._ways[caller]

    def _to(self, pool: Pool) -> Way:
        """Callers before callees."""
        ways = [self._with(call) for call in self.analysis.into(pool.name)]
        back = LOOKS_BACK_S if self.by_latency(pool) else 0
        return Way(
            max((way.seconds for way in ways), default=Fraction(0)) + back,
            max((way.by_success for way in ways), default=0),
        )

    @cached_property
    def _any(self) -> bool:
        return self.any_by_success or any(call.policy.shed_on_latency is not None for call in self.analysis.fleet.calls)

    @cached_property
    def _ways(self) -> dict[str, Way]:
        """By pool."""
        return {}


def sheds_of(analysis: Analysis) -> Sheds:
    """Worked out once for all that ask."""
    return analysis.kept("what sheds", lambda: Sheds(analysis))
