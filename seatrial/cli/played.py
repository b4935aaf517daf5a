"""`--trace DEMAND=FILE` of a trial -> the plan with those arrivals in the place of the trial's own load.

A demand whose spec names a recording gets another one, and the envelope with it. Of any other demand the envelope stays
what the spec says, and only this trial plays the file: so a course that the checker found is tried against the same
guarantees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from seatrial.compiler.plan import Plan
from seatrial.compiler.plan_trials import LoadPlan, TrialPlan

from .courses import seconds_of
from .specs import Choices, loaded

if TYPE_CHECKING:
    from seatrial.loading import Loaded

Played = Mapping[str, tuple[float, ...]]


def with_courses(spec: Path, choices: Choices) -> tuple[Loaded, Played]:
    """The spec, and the arrivals of the demands that it names no recording for."""
    if not choices.traces:
        return loaded(spec, choices), {}
    plain = loaded(spec, replace(choices, traces={}))
    fleet = plain.checked.fleet
    without = {demand.name for demand in fleet.demands if demand.trace is None} if fleet is not None else set()
    played = {name: file for name, file in choices.traces.items() if name in without}
    others = {name: file for name, file in choices.traces.items() if name not in without}
    given = loaded(spec, replace(choices, traces=others)) if others else plain
    return given, {name: seconds_of(Path(file)) for name, file in played.items()}


def playing(plan: Plan, trial: TrialPlan, played: Played) -> tuple[Plan, TrialPlan]:
    """The same with those arrivals as the load."""
    if not played:
        return plan, trial
    demands = tuple(
        replace(one, arrivals_seconds=played[one.name]) if one.name in played else one for one in plan.demands
    )
    loads = [load for load in trial.loads if load.demand not in played]
    loads += [LoadPlan(name, (), replay=True) for name in sorted(played)]
    changed = replace(trial, loads=tuple(sorted(loads, key=lambda load: load.demand)))
    trials = tuple(changed if one is trial else one for one in plan.trials)
    return replace(plan, demands=demands, trials=trials), changed
