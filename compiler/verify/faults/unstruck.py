"""A demand that no fault of a trial reaches -> a coarse upper bound of the share of its requests that fail meanwhile.

Invariant: never below `failing.Failing.share` of the same demand: retries help nobody, and calls are as late as the
coarse tails have them (`Tails.roughly_later_than`). Figures are doubles; what they do not decide is left to `failing`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

from ...model import Call, Demand, SaturateFault, Trial
from ..flows.analysis import Analysis
from ..flows.crowded import crowd
from ..flows.figures import double
from .recovering import reached_in
from .rising import rising_in
from .sheds import sheds_of
from .traffic import load_of


@dataclass(frozen=True)
class Unstruck:
    analysis: Analysis
    trial: Trial
    _known: dict[str, float] = field(default_factory=dict, repr=False)
    """By pool, the most of the requests to it that fail for the calls that it makes."""
    _shares: dict[tuple[str, float], float] = field(default_factory=dict, repr=False)
    """Of calls to a place, those that take longer than so many seconds."""

    @cached_property
    def _unmodelled(self) -> bool:
        return any(isinstance(fault, SaturateFault) for fault in self.trial.faults)

    def share(self, demand: Demand) -> float | None:
        """At most this share, 0..1, of the demand's requests fail in the trial; None where a fault may reach it,
        where one that is late may have others shed, where it may wait for agents that are still to come, or where it is
        not known how long."""
        reached = self.analysis.reached(demand.name)
        if self._unmodelled or not reached_in(self.analysis, self.trial).isdisjoint(reached):
            return None
        if sheds_of(self.analysis).on_the_way(demand) or rising_in(self.analysis, self.trial).near(reached):
            return None
        for name in reversed(reached):
            if name not in self._known:
                self._known[name] = self._behind(name)
        load = load_of(self.trial, demand)
        failing = self._behind(demand.name)
        if math.isinf(failing):
            return None
        return failing * double(load.most / load.mean) if load.mean else 0.0

    def _behind(self, name: str) -> float:
        found = 0.0
        for link in self.analysis.figures.links.get(name, ()):
            failing = self._known[link.callee] if link.to_pool else 0.0
            failing += self._late(link.call)
            found += failing if math.isinf(failing) else link.times * min(1.0, failing)
        return found if math.isinf(found) else min(1.0, found)

    def _late(self, call: Call) -> float:
        """Of all tries of a request, one after the other; infinite where it may be that nothing is known."""
        limit = call.policy.patience_seconds
        if limit is None:
            return 0.0
        retries = call.policy.retry.attempts.value if call.policy.retry is not None else 0
        key = call.callee, double(limit.value)
        share = self._shares.get(key)
        if share is None:
            known = crowd(self.analysis)
            late = 1.0 if call.callee in known.unknown else known.tails.roughly_later_than(*key)
            share = self._shares[key] = late
        return min(1.0, share * (1 + retries)) if share < 1 else math.inf


def unstruck_in(analysis: Analysis, trial: Trial) -> Unstruck:
    """Worked out once for all that ask."""
    return analysis.kept(f"unstruck in {trial.name}", lambda: Unstruck(analysis, trial))
