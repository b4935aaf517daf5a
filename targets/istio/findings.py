"""What a mesh needs from outside the emitted documents.

Turns the plan into ST7 diagnostics that hold for Istio alone; those of any Envoy are in `limits.py`. Invariant: each is
told once, at the place of the clause that it is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seatrial.compiler.plan import CallPlan, Plan
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..entering import by_queues_alone
from ..names import DEMAND_LABEL, dependency_host
from .security import is_closed, principal


def of_mesh(plan: Plan, entering: Sequence[CallPlan]) -> Iterator[Diagnostic]:
    """Notes on what must come from outside. `entering`: the calls of demands that need a gateway by hand."""
    by_hand = {call.caller for call in entering}
    for demand in plan.demands:
        if demand.name not in by_hand:
            continue
        yield Diagnostic(
            "ST7008",
            Severity.NOTE,
            f"istio: demand {demand.name} enters by a gateway that you install",
            (Label(demand.origin),),
            notes=(
                f"its pods run in namespace {plan.fleet} and carry the label {DEMAND_LABEL}: {demand.name}",
                *_account(plan, demand.name),
            ),
        )
    yield from _of_queued(plan)
    for dependency in plan.dependencies:
        if any(call.callee == dependency.name for call in plan.calls):
            yield Diagnostic(
                "ST7009",
                Severity.NOTE,
                f"istio: agents call {dependency.name} as {dependency_host(dependency.name)}, a placeholder",
                (Label(dependency.origin),),
                notes=("the spec names no address; set `endpoints[0].address` of its ServiceEntry in an overlay",),
            )


def _of_queued(plan: Plan) -> Iterator[Diagnostic]:
    """Whoever called a pool that may be empty by a route would get a 503 meanwhile."""
    empty = by_queues_alone(plan)
    called = {call.caller: call.callee for call in plan.calls if call.callee in empty}
    for demand in plan.demands:
        if (pool := called.get(demand.name)) is not None:
            names = " or ".join(queue.name for queue in plan.containment.queues if queue.pool == pool)
            yield Diagnostic(
                "ST7014",
                Severity.NOTE,
                f"istio: no route leads demand {demand.name} to {pool}, which may be empty",
                (Label(demand.origin),),
                notes=(f"whatever takes its requests in must put them into {names}, which {pool} works off",),
            )


def _account(plan: Plan, demand: str) -> tuple[str, ...]:
    """Callers are allowed by service account, and a gateway's is the user's to set."""
    return (f"and as service account {demand}: only {principal(plan, demand)} is let in",) if is_closed(plan) else ()
