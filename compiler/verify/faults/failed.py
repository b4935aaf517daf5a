"""A trial and a demand -> the share of the demand that fails in it, taken over behind an edit elsewhere.

Invariant: what is taken over hangs on the demand's own part alone (`parts`). Nothing is where anything counts that is
worked out of the whole fleet at once: pools that late tries load, callers that shed, agents that are still to come, and
what waits behind one fault when the next one comes, for what all ask of dependencies.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from ...model import Demand, Trial
from ..flows.analysis import Analysis
from ..flows.crowded import crowd
from ..flows.tails import Tails
from .failing import Failing
from .late_aside import late_for_agents_aside
from .recovering import meets_what_waits
from .struck_waits import late_for_longer_waits


def failing_in(analysis: Analysis, trial: Trial) -> Failing:
    """Worked out once for all that ask."""
    return analysis.kept(f"failing in {trial.name}", lambda: Failing(analysis, trial))


def roughly_failing_in(analysis: Analysis, trial: Trial) -> Failing:
    """The same with coarser tails: never fewer failures, and quicker."""
    return analysis.kept(f"roughly failing in {trial.name}", lambda: Failing(analysis, trial, Tails.roughly_later_than))


class Failed(NamedTuple):
    share: Fraction
    """Of 1, at the most."""
    gaps: tuple[str, ...]
    """What the bound needs and is not stated."""


def failed(failing: Failing, demand: Demand) -> Failed:
    """Worked out once for each demand."""
    analysis = failing.analysis
    loaded = crowd(analysis).occupancy is not None
    if loaded or failing.sheds.any_by_success or failing.rising.waits or _waited_for(failing, demand):
        return _failed(failing, demand)
    known: dict[str, Failed] = analysis.by_caller(f"failed in {failing.trial.name} by {failing.later_than.__name__}")
    if demand.name not in known:
        known[demand.name] = _failed(failing, demand)
    return known[demand.name]


def _failed(failing: Failing, demand: Demand) -> Failed:
    late = late_for_longer_waits(failing, demand) + late_for_agents_aside(failing, demand)
    share = min(Fraction(1), failing.share(demand) + late)
    return Failed(share, tuple(failing.gaps(demand)))


def _waited_for(failing: Failing, demand: Demand) -> bool:
    return bool(meets_what_waits(failing.analysis, failing.trial, demand))
