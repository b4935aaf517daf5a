"""Crises to signals that are on or off, how many are on, and an alert for each level.

Turns a crisis of the plan into one recorded number, its signals at once, and alerts that name the protocol's steps.
Invariant: a signal that cannot be measured counts as off, and the README says which series it needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from seatrial.compiler.model.order import Sign
from seatrial.compiler.plan import Plan
from seatrial.compiler.plan_order import CrisisPlan, SignalPlan, StepPlan

from ..base import Object
from . import series
from .rules import alert, record

COUNT = "fleet:crisis_signals:count"

_OVER_S = 120


def recordings(plan: Plan) -> Iterator[Object]:
    for crisis in plan.crises:
        on = (
            f"(({_measured(plan, one)}) > bool {series.literal(one.above)} or on() vector(0))" for one in crisis.signals
        )
        yield record(plan, COUNT, " + ".join(on), crisis=crisis.name)


def alerts(plan: Plan) -> Iterator[Object]:
    for crisis in plan.crises:
        for level in crisis.levels:
            count = f"{COUNT}{{fleet={series.text(plan.fleet)},crisis={series.text(crisis.name)}}}"
            yield alert(
                plan,
                "Crisis",
                f"{count} >= {level.signals}",
                "page",
                f"crisis {crisis.name}, level {level.level}: {level.signals} of its signals at once",
                f"The protocol: {_protocol(crisis)}.",
                crisis=crisis.name,
                level=str(level.level),
            )


def _measured(plan: Plan, signal: SignalPlan) -> str:
    match signal.sign:
        case Sign.LATENCY:
            quantile = signal.quantile
            assert quantile is not None, "a latency signal names its quantile"
            demands = sorted({one.name for one in plan.demands})
            each = (series.quantile(quantile, series.incoming(plan, name), _OVER_S) for name in demands)
            return _most(list(each))
        case Sign.ERRORS:
            return _most([series.failed_share(plan, one.name, _OVER_S) for one in plan.demands])
        case Sign.QUEUE:
            return f"max({series.own(plan, 'seatrial_queue_items')})"
        case Sign.OVERHEAD:
            talk = f"sum(rate({series.own(plan, 'seatrial_coordination_requests_total')}[{series.window(_OVER_S)}]))"
            work = f"sum(rate({series.own(plan, 'seatrial_work_requests_total')}[{series.window(_OVER_S)}]))"
            return f"{talk} / ({talk} + {work})"
        case Sign.CONFLICTS:
            return f"sum({series.own(plan, 'seatrial_conflicts')})"
        case never:
            assert_never(never)


def _most(each: list[str]) -> str:
    """The largest of several expressions without labels, of which some may have no value."""
    named = (f'label_replace({one}, "of", "{index}", "", "")' for index, one in enumerate(each))
    return f"max({' or '.join(named)})"


def _protocol(crisis: CrisisPlan) -> str:
    return "; ".join(_step(one) for one in crisis.steps) or "none is stated"


def _step(step: StepPlan) -> str:
    what = " and ".join(str(action) for action in step.actions)
    if step.within_seconds is None:
        return f"{what} when it is over"
    return f"{what} {'at once' if step.within_seconds == 0 else f'within {series.literal(step.within_seconds)} s'}"
