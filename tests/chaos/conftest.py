"""A trial made by hand, and evidence to judge it by: what every room of `chaos` is tested against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import pytest

from seatrial.chaos.evidence import Activity, Evidence, FaultEvent, Generator, Journal, Request
from seatrial.chaos.experiments.experiment import experiment
from seatrial.chaos.experiments.steps import Phase, steps
from seatrial.compiler.model import Period
from seatrial.compiler.plan import (
    CostObjective,
    DemandPlan,
    LatencyObjective,
    Plan,
    RecoveryObjective,
    SuccessObjective,
)
from seatrial.compiler.plan_trials import FaultPlan, LoadPlan, LoadPoint, TrialPlan
from seatrial.dsl.source import Source, Span

F = Fraction
AT = Span(Source("support.fleet", "fleet support {}\n"), 0, 5)


@dataclass(frozen=True)
class Trials:
    """Builds plans, trials and evidence; each by default a good one, to be spoilt in one way by a test."""

    at: Span = AT

    def kill(self, at: int = 30, every: int | None = None) -> FaultPlan:
        return FaultPlan("kill", F(at), _f(every), None, "triage", None, None, F(1, 10), None, None, AT)

    def hang(self, at: int = 40, lasting: int | None = 5, every: int | None = None) -> FaultPlan:
        return FaultPlan("hang", F(at), _f(every), _f(lasting), "triage", None, None, None, 1, None, AT)

    def delay(self, at: int = 50, lasting: int | None = 10) -> FaultPlan:
        return FaultPlan("delay", F(at), None, _f(lasting), None, "triage", "resolver", None, None, F(1, 5), AT)

    def abort(self, at: int = 65, lasting: int | None = 5) -> FaultPlan:
        return FaultPlan("abort", F(at), None, _f(lasting), None, "resolver", "llm", F(3, 10), None, None, AT)

    def trial(self, *faults: FaultPlan, duration: int = 90, rate: int = 5000) -> TrialPlan:
        """At 1:50, so that the default rate is 100 requests per second."""
        load = LoadPlan("tickets", (LoadPoint(F(0), F(rate)),), replay=False)
        return TrialPlan("storm", F(1, 50), F(duration), (load,), faults, AT)

    def plan(self, trial: TrialPlan, **changes: object) -> Plan:
        demand = DemandPlan("tickets", F(5000), F(5000), None, None, 100, (), AT)
        base = Plan(
            "support", "Support desk", "0.1.0", "3f" * 32, (), (), (demand,), (), (), (), (), (),
            latency=(
                LatencyObjective("latency/tickets/p95", "tickets", F(95, 100), F(1), F(71, 100), AT),
                LatencyObjective("latency/tickets/p99", "tickets", F(99, 100), F(2), None, AT),
            ),
            success=(SuccessObjective("success/tickets", "tickets", F(99, 100), F(30 * 86400), AT),),
            recovery=(RecoveryObjective("recovery", F(30), AT),),
            cost=(CostObjective("cost", F(1_500_000), Period.MONTH, AT),),
            trials=(trial,),
        )  # fmt: skip
        return replace(base, **changes)  # type: ignore[arg-type]

    def requests(self, duration: float = 90.0, per_second: int = 100, latency: float = 0.1) -> list[Request]:
        """An even load of which each request succeeds."""
        dues = [index / per_second for index in range(int(duration * per_second))]
        return [Request("tickets", due, due + 0.001, due + latency, 200) for due in dues]

    def spoil(
        self, requests: Sequence[Request], start: float, end: float, every: int = 1, latency: float | None = None
    ) -> list[Request]:
        """Each n-th of the requests due in [start, end) fails with 503, or is answered after `latency`."""
        spoilt: list[Request] = []
        for index, one in enumerate(requests):
            if start <= one.due < end and index % every == 0:
                late = replace(one, end=one.due + latency) if latency is not None else replace(one, status=503)
                spoilt.append(late)
            else:
                spoilt.append(one)
        return spoilt

    def fault_events(self, trial: TrialPlan) -> list[FaultEvent]:
        """What the fault actions would have recorded, each a little after its time."""
        events: list[FaultEvent] = []
        for step in steps(trial):
            fault = trial.faults[step.fault]
            phase = "injected" if step.phase is Phase.INJECT else "undone"
            target = "triage-1" if fault.pool else f"{fault.caller}--{fault.callee}"
            events.append(FaultEvent(float(step.at_seconds) + 0.02, step.fault, phase, fault.kind, (target,)))
        return events

    def journal(self, plan: Plan, trial: TrialPlan) -> Journal:
        method = experiment(plan, trial, 1)["method"]
        run = tuple(Activity(one["name"], one["type"], one["provider"]["func"], "succeeded") for one in method)
        return Journal("completed", False, "", run, (), before=True, after=True)

    def evidence(self, plan: Plan, trial: TrialPlan, requests: Sequence[Request] | None = None) -> Evidence:
        sent = self.requests(float(trial.duration_seconds)) if requests is None else requests
        summary = Generator(True, {"tickets": len(sent)}, len(sent), len(sent), 0.0007, 0.002, 0.01)
        return Evidence(tuple(sent), tuple(self.fault_events(trial)), self.journal(plan, trial), summary)


def _f(value: int | None) -> Fraction | None:
    return None if value is None else F(value)


@pytest.fixture
def trials() -> Trials:
    return Trials()
