"""Pools that shed by latency -> the share of a demand's requests of a shed priority that they may refuse in a trial.

Invariant: an upper bound in the model of `flows.tails`; where a fault takes agents, or brings more, which that model
leaves out, it is unknown.

Source: `semantics.shedding`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ...model import DelayFault, Demand, HangFault, KillFault, Pool, ShedOnLatency
from ...semantics.shedding import LOOKS_BACK_S, refused
from ..exact.expression import value
from ..flows.analysis import Level
from .failing import Failing
from .outages import strikes
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
        behind = analysis.reached(pool.name)
        struck = {
            strike.fault.pool.value for strike in strikes(trial) if isinstance(strike.fault, KillFault | HangFault)
        }
        what = f"how much of {self.demand.name} {pool.name} sheds for its latency"
        if hit := next((name for name in behind if name in struck), None):
            return (
                f"{what} while agents of {hit} are missing in trial {trial.name} is not modelled; a demand of a higher "
                "priority is not shed"
            )
        above = [call for name in analysis.above(pool.name) for call in analysis.into(name)]
        if by_success := next((call for call in above if call.policy.shed_on_failure is not None), None):
            return f"{what}, and {by_success.name} for that, is not modelled together; one of the two would be decided"
        return ""

    def _refused(self, pool: Pool, rule: ShedOnLatency) -> Fraction | str:
        analysis, trial = self.failing.analysis, self.failing.trial
        load, duration = load_of(trial, self.demand), trial.duration_seconds.value
        if load.mean == 0:
            return Fraction(0)
        asked = value(analysis.visits(self.demand, retried=True)[pool.name])
        slow = min(duration, self._delayed(pool))
        found = Fraction(0)
        for length, delay in ((duration, Fraction(0)), (slow, self.failing.most_delayed(pool))):
            late = self._later(pool, rule.above_seconds.value - delay) if length else Fraction(0)
            if isinstance(late, str):
                return late
            found += asked * refused(late, rule.quantile.value) * load.most * length
        return found / (load.mean * duration)

    def _delayed(self, pool: Pool) -> Fraction:
        """Seconds of the trial in which answers of the pool that a fault delayed may be looked back on."""
        analysis = self.failing.analysis
        behind = {(call.caller, call.callee) for name in analysis.reached(pool.name) for call in analysis.out(name)}
        found = Fraction(0)
        for strike in strikes(self.failing.trial):
            fault = strike.fault
            if isinstance(fault, DelayFault) and (fault.caller.value, fault.callee.value) in behind:
                found += strike.end - strike.start + LOOKS_BACK_S
        return found

    def _later(self, pool: Pool, limit: Fraction) -> Fraction | str:
        if limit <= 0:
            return Fraction(1)
        found = self.failing.later_than(self.failing.analysis.tails(Level.BETWEEN), pool.name, float(limit))
        return found if isinstance(found, str) else Fraction(found)
