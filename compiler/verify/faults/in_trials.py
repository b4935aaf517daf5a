"""A trial that lays items into a queue -> what else comes to the pool that works them off, and whether a fault is felt
before they are done.

Invariant: what a fault reaches is what `reach` says, upwards and downwards; before it strikes all is as without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ...model import Pool, Signal, Trial
from ..flows.analysis import Analysis
from ..words import seconds
from .outages import strikes, unmodelled
from .reach import place_of, reached_by, told_of
from .traffic import NONE, Traffic, beyond_the_peak


@dataclass(frozen=True, slots=True)
class Arriving:
    """Requests at a pool over a trial that `lasts` so many seconds: no fewer than `surely`, no more than `mean`, and no
    more than `most` in any second."""

    lasts: Fraction
    surely: Fraction
    mean: Fraction
    most: Fraction
    changes: bool
    """Whether it is ever another level than the steady one."""
    rises: bool
    gap: str
    """Why it is not known how soon agents work it off."""

    def within(self, seconds: Fraction) -> Fraction:
        """The most that come, in the mean, in so many of the first."""
        return min(self.mean, self.most * seconds)


def arriving_in(analysis: Analysis, trial: Trial, pool: Pool) -> Arriving:
    traffic, found, steady = Traffic(analysis, trial), NONE, Fraction(0)
    for call in analysis.into(pool.name):
        found = found + traffic.of(call)
    for demand in analysis.demands_of(pool.name):
        steady += demand.steady_per_second.value * analysis.visits_to(pool.name, demand)
    # Of a trace the worst stretch is replayed: nothing may come in it, and as much as ever does.
    replayed = any(step.factor is None and not step.peak for step in trial.loads)
    gap = next(beyond_the_peak(analysis, trial), "")
    if found.least < steady and pool.scaling is not None and pool.scaling.signal not in (Signal.QUEUE, Signal.CPU):
        gap = gap or f"{trial.name} asks for less than the steady level, and how many agents it leaves is not known"
    lasts = trial.duration_seconds.value
    return Arriving(
        lasts,
        (found.least if replayed else found.mean) * lasts,
        (found.most if replayed else found.mean) * lasts,
        found.most,
        changes=not found.least == found.most == steady,
        rises=found.most > steady,
        gap=gap,
    )


def felt_before(analysis: Analysis, trial: Trial, pool: Pool, time: Fraction) -> str:
    """Why what a pool does until then may take longer for the trial's faults; "" where none is felt there so soon."""
    for why in unmodelled(trial):
        return why
    for strike in strikes(trial):
        if strike.start < time and pool.name in (place_of(strike.fault), *reached_by(analysis, strike.fault)):
            done, at = seconds(Fraction(round(time * 10), 10)), seconds(strike.start)
            return (
                f"{told_of(strike.fault)} comes {at} after the trial begins, and the tasks, which take up to {done} "
                "without it, may then take longer: how much is not worked out"
            )
    return ""
