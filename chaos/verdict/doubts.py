"""What keeps a trial's result from counting.

Turns the evidence into doubts. Invariant: whatever the runners' exit codes and summaries say, a trial counts only when
its load was sent on time, its faults were injected and undone as planned, and nothing of the evidence is missing.

Each rule here stands against a way in which a trial could pass, or fail, in silence. Whether a doubt weakens a pass, a
failure or both follows from what the fleet may have been spared, or may have suffered that is not in the plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.compiler.plan import Plan
from seatrial.compiler.plan_trials import TrialPlan

from ..evidence import Activity, Evidence, FaultEvent, Generator, Journal
from ..experiments.steps import describe, occurrences
from . import wording
from .result import Doubt

LEAST_LATENESS_BOUND_SECONDS = 0.05
LATENESS_WITHOUT_OBJECTIVE_SECONDS = 0.1
STRIKE_TOLERANCE_SECONDS = 2.0
"""How far from its planned time a fault may be injected or undone: choosing agents and asking a proxy take time."""

UNDOING = ("resume_agents", "undo_delay", "undo_abort", "undo_partition", "release_cpu", "undo_all")


def doubts(plan: Plan, trial: TrialPlan, evidence: Evidence) -> tuple[Doubt, ...]:
    return (
        *_of_generator(plan, trial, evidence),
        *_of_journal(trial, evidence.journal),
        *_of_faults(trial, evidence.faults),
    )


def lateness_bound_seconds(plan: Plan, trial: TrialPlan) -> float:
    """How late, at the 99th percentile, requests may be sent: a tenth of the tightest latency limit, at least 50 ms.

    Latency counts from the due time, so lateness adds to what is measured, and it bunches the load.
    """
    loaded = {load.demand for load in trial.loads if load.asks}
    limits = [float(objective.below_seconds) for objective in plan.latency if objective.demand in loaded]
    if not limits:
        return LATENESS_WITHOUT_OBJECTIVE_SECONDS
    return max(LEAST_LATENESS_BOUND_SECONDS, min(limits) / 10)


def _of_generator(plan: Plan, trial: TrialPlan, evidence: Evidence) -> Iterator[Doubt]:
    """The load was sent as scheduled.

    A generator without a summary was killed, and what it sent is unknown. A late one sent another load than planned.
    One that did not finish, or whose log lacks requests, asked less of the fleet than planned.
    """
    if evidence.damaged_lines:
        lines = wording.count(evidence.damaged_lines, "line")
        yield Doubt("log-damaged", f"{lines} of the logs cannot be read")
    generator = evidence.generator
    if generator is None:
        yield Doubt("generator-missing", "the load generator left no summary; it was killed", weakens_fail=True)
        return
    bound = lateness_bound_seconds(plan, trial)
    if generator.lateness_p99_seconds > bound:
        late, at_most = wording.seconds(generator.lateness_p99_seconds), wording.seconds(bound)
        text = f"the load generator was late: p99 {late}, at most {at_most} is sound"
        yield Doubt("generator-late", text, weakens_fail=True)
    if not generator.finished:
        yield Doubt("generator-unfinished", "the load generator was stopped before its schedule was done")
    yield from _of_counts(trial, evidence, generator)


def _of_counts(trial: TrialPlan, evidence: Evidence, generator: Generator) -> Iterator[Doubt]:
    for load in trial.loads:
        scheduled, logged = generator.scheduled.get(load.demand, 0), len(evidence.of(load.demand))
        if scheduled == 0 and load.asks:
            yield Doubt("load-empty", f"no request of {load.demand} was scheduled")
        elif logged != scheduled:
            text = f"{logged:,} of {wording.count(scheduled, 'scheduled request')} of {load.demand} are in the log"
            yield Doubt("requests-missing", text)


def _of_journal(trial: TrialPlan, journal: Journal | None) -> Iterator[Doubt]:
    """The experiment ran to its end, for real, from a fleet that worked.

    The Chaos Toolkit exits 0, with "completed" and no deviation, when the fleet was unhealthy before the method and
    the method never ran; when an action raised; and when a dry run did nothing. So its journal is read step by step.
    """
    if journal is None:
        yield Doubt("journal-missing", "the experiment left no journal", weakens_fail=True)
        return
    if journal.dry:
        yield Doubt("journal-dry", f"the experiment was a dry run ({journal.dry}): its faults were not injected")
    if journal.status != "completed":
        said = journal.status or "not finished"
        yield Doubt("journal-status", f"the experiment's journal says {said}, not completed", weakens_fail=True)
    if journal.before is None:
        yield Doubt("steady-state-unseen", "nothing looked at whether the fleet was healthy before the faults")
    elif not journal.before:
        text = "the fleet was not healthy before the faults, so the experiment did not begin"
        yield Doubt("steady-state-before", text, weakens_fail=True)
    if journal.after is None:
        yield Doubt("steady-state-unseen", "nothing looked at whether the fleet was healthy after the faults")
    if not journal.run and trial.faults:
        yield Doubt("method-empty", "the experiment did nothing: its method has no recorded step")
    for activity in (*journal.run, *journal.rollbacks):
        if activity.status != "succeeded":
            yield _failed(activity)


def _failed(activity: Activity) -> Doubt:
    error = f": {activity.error}" if activity.error else ""
    text = f"step “{activity.name}” {activity.status}{error}"
    return Doubt("step-failed", text, weakens_fail=activity.func in UNDOING)


@dataclass(frozen=True, slots=True)
class _Seen:
    injected: list[FaultEvent]
    undone: list[FaultEvent]
    failed: list[FaultEvent]


def _of_faults(trial: TrialPlan, faults: tuple[FaultEvent, ...]) -> Iterator[Doubt]:
    """Each planned fault was injected, hit something, near its time, and was undone.

    Told from the events that the fault actions write as they act. Where a fault is missing or hit nobody, the fleet
    was spared something; where it was not undone, or not in time, the fleet suffered longer than planned.
    """
    planned = occurrences(trial)
    for index, fault in enumerate(trial.faults):
        own = [event for event in faults if event.fault == index]
        seen = _Seen(*([event for event in own if event.phase == phase] for phase in ("injected", "undone", "failed")))
        mine = [one for one in planned if one.fault == index]
        what = describe(fault)
        for event in seen.failed:
            yield Doubt("fault-failed", f"{what} failed at {event.t:.1f} s", weakens_fail=True)
        if len(seen.injected) < len(mine):
            yield Doubt("fault-missing", f"{what} was injected {len(seen.injected)} of {len(mine)} times")
        for event in seen.injected:
            if fault.kind in ("kill", "hang", "saturate") and not event.targets:
                yield Doubt("fault-without-target", f"{what} at {event.t:.1f} s hit no agent")
        for one, event in zip(mine, seen.injected, strict=False):
            yield from _untimely(what, "injected", float(one.start_seconds), event)
        ends = [float(one.end_seconds) for one in mine if one.end_seconds is not None]
        if len(seen.undone) < min(len(ends), len(seen.injected)):
            yield Doubt("fault-not-undone", f"{what} was not undone", weakens_fail=True)
        for end, event in zip(ends, seen.undone, strict=False):
            yield from _untimely(what, "undone", end, event)


def _untimely(what: str, done: str, planned: float, event: FaultEvent) -> Iterator[Doubt]:
    if abs(event.t - planned) > STRIKE_TOLERANCE_SECONDS:
        text = f"{what} was {done} at {event.t:.1f} s, planned at {planned:g} s"
        yield Doubt("fault-untimely", text, weakens_fail=True)
