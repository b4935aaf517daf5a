"""A demand that no fault of a trial reaches -> a coarse upper bound of the share of its requests that fail meanwhile.

Invariant: never below `failed.failed` of the same demand: retries help nobody, and tries are as late as the coarse
tails have them, also while agents are put aside for being late. Figures are doubles; what they do not decide is left to
`failing`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

from ...model import Call, Demand, SaturateFault, Trial
from ..flows.analysis import Analysis
from ..flows.crowded import crowd
from ..flows.figures import double
from ..flows.put_aside import RARE, put_aside
from ..flows.tails import up_the_ladder
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
    _without: dict[str, float] = field(default_factory=dict, repr=False)
    """The same while agents are put aside for being late."""

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
        load = load_of(self.trial, demand)
        if not load.mean:
            return 0.0
        failing = self._failing(demand, self._known, aside=False)
        if math.isinf(failing):
            return None
        often = put_aside(self.analysis).often(demand.name)
        if often:
            # In rare moments more are aside, and all that come then may be late.
            more = min(1.0, double(often)) * min(1.0, self._failing(demand, self._without, aside=True)) + RARE
        else:
            more = 0.0
        return min(1.0, failing * double(load.most / load.mean) + more)

    def _failing(self, demand: Demand, known: dict[str, float], *, aside: bool) -> float:
        for name in reversed(self.analysis.reached(demand.name)):
            if name not in known:
                known[name] = self._behind(name, known, aside=aside)
        return self._behind(demand.name, known, aside=aside)

    def _behind(self, name: str, known: dict[str, float], *, aside: bool) -> float:
        found = 0.0
        for link in self.analysis.figures.links.get(name, ()):
            failing = known[link.callee] if link.to_pool else 0.0
            failing += self._late(link.call, aside=aside and link.to_pool)
            found += failing if math.isinf(failing) else link.times * min(1.0, failing)
        return found if math.isinf(found) else min(1.0, found)

    def _late(self, call: Call, *, aside: bool) -> float:
        """Of all tries of a request, one after the other; infinite where it may be that nothing is known."""
        if call.policy.patience_seconds is None:
            return 0.0
        retries = call.policy.retry.attempts.value if call.policy.retry is not None else 0
        known = crowd(self.analysis)
        late = put_aside(self.analysis).late(call) if aside else known.late[call.name]
        share = 1.0 if call.callee in known.unknown else up_the_ladder(late.cut)
        return min(1.0, share * (1 + retries)) if share < 1 else math.inf


def unstruck_in(analysis: Analysis, trial: Trial) -> Unstruck:
    """Worked out once for all that ask."""
    return analysis.kept(f"unstruck in {trial.name}", lambda: Unstruck(analysis, trial))
