"""Clauses -> trials: the load over time and the faults."""

from __future__ import annotations

from fractions import Fraction

from seatrial.dsl.clauses import Clause
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity
from seatrial.dsl.source import Span

from ..model import (
    AbortFault,
    Backlog,
    Call,
    DelayFault,
    Demand,
    Fault,
    HangFault,
    KillFault,
    LoadStep,
    PartitionFault,
    SaturateFault,
    Schedule,
    Stated,
    Trial,
)
from . import defaults, stated
from .symbols import Symbols


def trial(
    clause: Clause, symbols: Symbols, demands: tuple[Demand, ...], calls: tuple[Call, ...], found: list[Diagnostic]
) -> Trial:
    scale, duration = clause.child("scale"), clause.child("duration")
    lasting = stated.maybe_amount(duration, "duration") or stated.filled(defaults.TRIAL_DURATION, clause)
    share = stated.maybe_amount(scale, "scale") or stated.filled(defaults.TRIAL_SCALE, clause)
    if share.value == 0:
        found.append(_late(share.span, "a fleet of scale 0 has no agents", "write for example scale 1/50"))
    faults = tuple(
        fault
        for slot in ("kill", "hang", "delay", "abort", "saturate")
        for one in clause.all(slot)
        if (fault := _fault(one, symbols, calls, found)) is not None
    )
    partitions = tuple(
        cut for one in clause.all("partition") if (cut := _partition(one, symbols, calls, found)) is not None
    )
    every: tuple[Fault, ...] = (*faults, *partitions)
    for fault in every:
        start = fault.schedule.at_seconds
        if start.value >= lasting.value:
            found.append(
                _late(start.span, "this fault comes after the trial has ended", f"it lasts {float(lasting.value):g} s")
            )
    report = clause.child("report")
    return Trial(
        name=clause.values["name"].text,
        at=clause.head,
        scale=share,
        duration_seconds=lasting,
        loads=_loads(clause, symbols, demands, found),
        faults=tuple(sorted(every, key=lambda fault: fault.schedule.at_seconds.value)),
        backlogs=tuple(
            Backlog(one.head, stated.word(one, "queue"), stated.whole(one, "tasks"))
            for one in clause.all("tasks")
            if symbols.find_queue(one.values["queue"], found)
        ),
        reports=tuple(row["figure"].text for row in report.groups["figures"]) if report is not None else (),
    )


def _late(at: Span, message: str, help_: str) -> Diagnostic:
    return Diagnostic("ST1107", Severity.ERROR, message, (Label(at),), help=help_)


def _loads(
    clause: Clause, symbols: Symbols, demands: tuple[Demand, ...], found: list[Diagnostic]
) -> tuple[LoadStep, ...]:
    """What was said, and for demands of which nothing was said: a replay of the trace, else the steady level."""
    steps: list[LoadStep] = []
    traced = {demand.name for demand in demands if demand.trace is not None}
    for load in clause.all("load"):
        if not symbols.find(load.values["demand"], ("demand",), found):
            continue
        name = stated.word(load, "demand")
        level = load.get("level")
        if load.form.key == "load:replay" and name.value not in traced:
            found.append(
                Diagnostic(
                    "ST1022",
                    Severity.ERROR,
                    f"`demand {name.value}` has no trace that could be replayed",
                    (Label(name.span),),
                    help=f'add `trace "arrivals.csv"` to `demand {name.value}`, or write `load {name.value} steady`',
                )
            )
            continue
        steps.append(
            LoadStep(
                at=load.head,
                demand=name,
                factor=None if load.form.key == "load:replay" else _factor(load),
                peak=level is not None and level.text == "peak",
                at_seconds=stated.maybe_amount(load, "at") or Stated(Fraction(0), load.head, "at 0s", "the start"),
                over_seconds=stated.maybe_amount(load, "over"),
            )
        )
    said = {step.demand.value for step in steps}
    source = "what a trial does with a demand of which it says nothing"
    steady, start = Stated(Fraction(1), clause.head, "x1", source), Stated(Fraction(0), clause.head, "at 0s", source)
    for demand in demands:
        if demand.name not in said:
            steps.append(
                LoadStep(
                    at=clause.head,
                    demand=Stated(demand.name, clause.head, f"load {demand.name}", source),
                    factor=None if demand.trace is not None else steady,
                    peak=False,
                    at_seconds=start,
                    over_seconds=None,
                )
            )
    return tuple(sorted(steps, key=lambda step: (step.demand.value, step.at_seconds.value)))


def _factor(load: Clause) -> Stated[Fraction]:
    factor = stated.maybe_amount(load, "factor")
    return factor if factor is not None else Stated(Fraction(1), load.head, stated.text_of(load))


def _partition(
    clause: Clause, symbols: Symbols, calls: tuple[Call, ...], found: list[Diagnostic]
) -> PartitionFault | None:
    """The calls between the sides. A name stands for itself alone, not for what it calls."""
    sides: list[dict[str, Stated[str]]] = []
    for side in ("left", "right"):
        names = [row[side] for row in clause.groups[side]]
        unknown = [name for name in names if not symbols.find(name, ("pool", "demand", "dependency"), found)]
        if unknown:
            return None
        sides.append({name.text: Stated(name.text, name.span, stated.text_of(clause)) for name in names})
    left, right = sides
    between = [
        (one[call.caller], other[call.callee])
        for call in calls
        for one, other in ((left, right), (right, left))
        if call.caller in one and call.callee in other
    ]
    if not between:
        found.append(
            Diagnostic(
                "ST1023",
                Severity.ERROR,
                "there is no call between the two sides that could be cut",
                (Label(clause.head),),
                help="name callers on one side and what they call on the other",
            )
        )
        return None
    schedule = Schedule(
        stated.amount(clause, "at"), stated.maybe_amount(clause, "every"), stated.maybe_amount(clause, "for")
    )
    return PartitionFault(clause.head, tuple(between), schedule)


def _fault(clause: Clause, symbols: Symbols, calls: tuple[Call, ...], found: list[Diagnostic]) -> Fault | None:
    schedule = Schedule(
        stated.amount(clause, "at"), stated.maybe_amount(clause, "every"), stated.maybe_amount(clause, "for")
    )
    slot = clause.form.slot
    if slot in ("kill", "hang"):
        if not symbols.find(clause.values["pool"], ("pool",), found):
            return None
        kind = KillFault if slot == "kill" else HangFault
        return kind(
            clause.head,
            stated.word(clause, "pool"),
            stated.maybe_amount(clause, "share"),
            stated.maybe_whole(clause, "count"),
            schedule,
        )
    if slot == "saturate":
        share = stated.amount(clause, "share")
        if not symbols.find(clause.values["pool"], ("pool",), found):
            return None
        if not 0 < share.value < 1:
            found.append(
                Diagnostic(
                    "ST1104",
                    Severity.ERROR,
                    "a saturated cpu leaves something to the agents, and takes something",
                    (Label(share.span),),
                    help="write for example 80%; `hang` stops agents altogether",
                )
            )
            return None
        return SaturateFault(clause.head, stated.word(clause, "pool"), share, schedule)
    caller, callee = clause.values["caller"], clause.values["callee"]
    known = symbols.find(caller, ("pool", "demand"), found)
    if not (symbols.find(callee, ("pool", "dependency"), found) and known):
        return None
    if not any(call.caller == caller.text and call.callee == callee.text for call in calls):
        if symbols.unread_calls:
            # It may have been meant there, which is told.
            return None
        edges = ", ".join(call.name for call in calls if call.caller == caller.text) or "nothing"
        found.append(
            Diagnostic(
                "ST1023",
                Severity.ERROR,
                f"there is no call {caller.text} -> {callee.text} that could be disturbed",
                (Label(caller.span.to(callee.span)),),
                help=f"`{caller.text}` calls: {edges}",
            )
        )
        return None
    part = stated.maybe_amount(clause, "share") or stated.filled(defaults.FAULT_SHARE, clause)
    ends = (clause.head, stated.word(clause, "caller"), stated.word(clause, "callee"))
    if slot == "delay":
        return DelayFault(*ends, stated.amount(clause, "delay"), part, schedule)
    return AbortFault(*ends, part, schedule)
