"""Pools that shed by latency -> the share of a demand's requests of a shed priority that they may refuse in a trial.

Invariant: an upper bound in the model of `flows.tails`, which has no faults: where one reaches the pool it is unknown.

Source: `semantics.shedding`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ...model import Demand, Pool, ShedOnLatency
from ...semantics.shedding import refused
from ..exact.expression import value
from ..flows.crowded import crowd
from .failing import Failing
from .outages import strikes
from .reach import reached_by
from .rising import rising_in
from .sheds import sheds_of
from .traffic import load_of


@dataclass(frozen=True)
class LateRefusals:
    failing: Failing
    demand: Demand

    def share(self) -> Fraction | str:
        """Of 1; or why that is not known."""
        found = Fraction(0)
        for pool, rule in sheds_of(self.failing.analysis).late_for(self.demand):
            part = self._unmodelled(pool) or self._refused(pool, rule)
            if isinstance(part, str):
                return part
            found += part
        return min(Fraction(1), found)

    def _unmodelled(self, pool: Pool) -> str:
        analysis, trial = self.failing.analysis, self.failing.trial
        what = f"how much of {self.demand.name} {pool.name} sheds for its latency"
        if any(pool.name in reached_by(analysis, strike.fault) for strike in strikes(trial)):
            return (
                f"{what} while a fault of trial {trial.name} lasts, and what piled up in it is worked off, is not "
                "modelled; a demand of a higher priority is not shed"
            )
        if near := rising_in(analysis, trial).near(analysis.reached(pool.name)):
            return f"{near[0].told or pool.name}, and {what} meanwhile is not modelled"
        above = [call for name in analysis.above(pool.name) for call in analysis.into(name)]
        if by_success := next((call for call in above if call.policy.shed_on_failure is not None), None):
            return f"{what}, and {by_success.name} for that, is not modelled together; one of the two would be decided"
        return ""

    def _refused(self, pool: Pool, rule: ShedOnLatency) -> Fraction | str:
        analysis = self.failing.analysis
        load = load_of(self.failing.trial, self.demand)
        if load.mean == 0:
            return Fraction(0)
        asked = value(analysis.visits(self.demand, retried=True)[pool.name])
        late = self._later(pool, rule.above_seconds.value)
        if isinstance(late, str):
            return late
        return asked * refused(late, rule.quantile.value) * load.most / load.mean

    def _later(self, pool: Pool, limit: Fraction) -> Fraction | str:
        if limit <= 0:
            return Fraction(1)
        tails = crowd(self.failing.analysis).tails_of(pool.name)
        found = tails if isinstance(tails, str) else self.failing.later_than(tails, pool.name, float(limit))
        return found if isinstance(found, str) else Fraction(found)
