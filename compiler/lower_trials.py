"""Model -> the plan's part on trials: steps of load as points between which rates move in lines, faults by their kind.

Invariant: the points of a load are in the order of time, and the first is at the trial's start or the demand is at its
steady level until then.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from seatrial.dsl.source import Span

from . import model as m
from . import plan_trials as p

_START = Fraction(0)


def lower_trial(one: m.Trial, fleet: m.Fleet) -> p.TrialPlan:
    return p.TrialPlan(
        name=one.name,
        scale=one.scale.value,
        duration_seconds=one.duration_seconds.value,
        loads=tuple(_load(demand, one, fleet) for demand in dict.fromkeys(step.demand.value for step in one.loads)),
        faults=tuple(_fault(fault) for fault in one.faults),
        origin=one.at,
        backlogs=tuple(
            p.BacklogPlan(each.queue.value, queue.pool.value, each.tasks.value)
            for each in one.backlogs
            for queue in fleet.queues
            if queue.name == each.queue.value
        ),
        reports=one.reports,
    )


def _load(name: str, trial: m.Trial, fleet: m.Fleet) -> p.LoadPlan:
    demand = fleet.demand(name)
    steps = [step for step in trial.loads if step.demand.value == name]
    if any(step.factor is None for step in steps):
        return p.LoadPlan(name, (), replay=True)
    points: list[p.LoadPoint] = []
    level = _level(steps[0], demand)
    if steps[0].at_seconds.value > 0:
        # Before the first step that was written the demand is at its steady level.
        level = demand.steady_per_second.value
        points.append(p.LoadPoint(_START, level))
    for step in steps:
        start, wanted = step.at_seconds.value, _level(step, demand)
        points.append(p.LoadPoint(start, wanted if step.over_seconds is None and start == 0 else level))
        points.append(p.LoadPoint(start + (step.over_seconds.value if step.over_seconds else _START), wanted))
        level = wanted
    return p.LoadPlan(name, tuple(dict.fromkeys(points)), replay=False)


def _level(step: m.LoadStep, demand: m.Demand) -> Fraction:
    if step.peak:
        return demand.peak_per_second.value
    assert step.factor is not None
    return demand.steady_per_second.value * step.factor.value


def _fault(fault: m.Fault) -> p.FaultPlan:
    match fault:
        case m.KillFault() | m.HangFault():
            return _fault_plan(
                "kill" if isinstance(fault, m.KillFault) else "hang",
                fault.schedule,
                fault.at,
                pool=fault.pool.value,
                share=_value(fault.share),
                count=fault.count.value if fault.count is not None else None,
            )
        case m.DelayFault():
            return _fault_plan(
                "delay",
                fault.schedule,
                fault.at,
                caller=fault.caller.value,
                callee=fault.callee.value,
                share=fault.share.value,
                delay=fault.delay_seconds.value,
            )
        case m.AbortFault():
            return _fault_plan(
                "abort",
                fault.schedule,
                fault.at,
                caller=fault.caller.value,
                callee=fault.callee.value,
                share=fault.share.value,
            )
        case m.SaturateFault():
            return _fault_plan("saturate", fault.schedule, fault.at, pool=fault.pool.value, share=fault.share.value)
        case m.PartitionFault():
            calls = tuple(f"{caller.value}--{callee.value}" for caller, callee in fault.calls)
            return replace(_fault_plan("partition", fault.schedule, fault.at), calls=calls)


def _fault_plan(
    kind: str,
    schedule: m.Schedule,
    origin: Span,
    *,
    pool: str | None = None,
    caller: str | None = None,
    callee: str | None = None,
    share: Fraction | None = None,
    count: int | None = None,
    delay: Fraction | None = None,
) -> p.FaultPlan:
    return p.FaultPlan(
        kind=kind,
        at_seconds=schedule.at_seconds.value,
        every_seconds=_value(schedule.every_seconds),
        lasting_seconds=_value(schedule.lasting_seconds),
        pool=pool,
        caller=caller,
        callee=callee,
        share=share,
        count=count,
        delay_seconds=delay,
        origin=origin,
    )


def _value(stated: m.Stated[Fraction] | None) -> Fraction | None:
    return None if stated is None else stated.value
