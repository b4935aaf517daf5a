"""The faults of a trial, laid out in time.

Turns a `TrialPlan` into the ascending list of what is done when. Invariant: each injection that needs an end has
exactly one later undo, no fault is injected again before it is undone, and nothing is left injected at the trial's end.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from seatrial.compiler.plan_trials import FaultPlan, TrialPlan

STRIKES = frozenset({"kill"})
"""Faults that strike once: their end is not ours to bring about, the fleet has to mend them."""


class Phase(StrEnum):
    INJECT = "inject"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Step:
    """`fault` is the index in the trial's faults; `occurrence` counts repetitions from 0; times since the origin."""

    at_seconds: Fraction
    phase: Phase
    fault: int
    occurrence: int


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that a fault is there. `end_seconds` is None for a fault that strikes once."""

    fault: int
    occurrence: int
    start_seconds: Fraction
    end_seconds: Fraction | None


def occurrences(trial: TrialPlan) -> tuple[Occurrence, ...]:
    """Each time that each fault is there, in the order of their starts.

    A fault with `every` comes again until the trial ends. One that lasts ends at the latest when it comes again, and
    when the trial ends; without `lasting` only then.
    """
    found: list[Occurrence] = []
    for index, fault in enumerate(trial.faults):
        start, count = fault.at_seconds, 0
        while start < trial.duration_seconds:
            found.append(Occurrence(index, count, start, _end(fault, start, trial.duration_seconds)))
            if fault.every_seconds is None or fault.every_seconds <= 0:
                break
            start, count = start + fault.every_seconds, count + 1
    return tuple(sorted(found, key=lambda one: (one.start_seconds, one.fault)))


def steps(trial: TrialPlan) -> tuple[Step, ...]:
    """What is done when. At one instant undoing comes first, so that a fault can follow on itself."""
    found: list[Step] = []
    for one in occurrences(trial):
        found.append(Step(one.start_seconds, Phase.INJECT, one.fault, one.occurrence))
        if one.end_seconds is not None:
            found.append(Step(one.end_seconds, Phase.UNDO, one.fault, one.occurrence))
    return tuple(sorted(found, key=lambda step: (step.at_seconds, step.phase is Phase.INJECT, step.fault)))


def describe(fault: FaultPlan) -> str:
    """The fault in the words of the language: "kill 10% of triage", "delay triage -> resolver 200ms"."""
    match fault.kind:
        case "kill" | "hang":
            return f"{fault.kind} {_amount(fault)} of {fault.pool}"
        case "delay":
            share = "" if fault.share in (None, 1) else f"{_amount(fault)} of "
            return f"delay {share}{fault.caller} -> {fault.callee} {_milliseconds(fault.delay_seconds)}"
        case "saturate":
            return f"saturate cpu of {fault.pool} {_amount(fault)}"
        case "partition":
            return f"partition {', '.join(call.replace('--', ' -> ') for call in fault.calls)}"
        case _:
            return f"{fault.kind} {_amount(fault)} of {fault.caller} -> {fault.callee}"


def _end(fault: FaultPlan, start: Fraction, duration: Fraction) -> Fraction | None:
    if fault.kind in STRIKES:
        return None
    ends = [duration]
    if fault.lasting_seconds is not None:
        ends.append(start + fault.lasting_seconds)
    if fault.every_seconds is not None and fault.every_seconds > 0:
        ends.append(start + fault.every_seconds)
    return min(ends)


def _amount(fault: FaultPlan) -> str:
    if fault.count is not None:
        return str(fault.count)
    return f"{float((fault.share if fault.share is not None else Fraction(1)) * 100):g}%"


def _milliseconds(seconds: Fraction | None) -> str:
    return "" if seconds is None else f"{float(seconds * 1000):g}ms"
