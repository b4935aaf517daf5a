"""What a mesh needs from outside the emitted documents.

Turns the plan into ST7 diagnostics that hold for Istio alone; those of any Envoy are in `limits.py`. Invariant: each is
told once, at the place of the clause that it is about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seatrial.compiler.plan import CallPlan, Plan
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..names import DEMAND_LABEL, dependency_host
from .security import is_closed, principal


def of_mesh(plan: Plan, entering: Sequence[CallPlan]) -> Iterator[Diagnostic]:
    """Notes on what must come from outside. `entering`: the calls of demands that need a gateway by hand."""
    by_hand = {call.caller for call in entering}
    for demand in plan.demands:
        queued = tuple(_queued(plan, demand.name))
        if demand.name not in by_hand and not queued:
            continue
        yield Diagnostic(
            "ST7008",
            Severity.NOTE,
            f"istio: demand {demand.name} enters by a gateway that you install",
            (Label(demand.origin),),
            notes=(
                f"its pods run in namespace {plan.fleet} and carry the label {DEMAND_LABEL}: {demand.name}",
                *_account(plan, demand.name),
                *queued,
            ),
        )
    for dependency in plan.dependencies:
        if any(call.callee == dependency.name for call in plan.calls):
            yield Diagnostic(
                "ST7009",
                Severity.NOTE,
                f"istio: agents call {dependency.name} as {dependency_host(dependency.name)}, a placeholder",
                (Label(dependency.origin),),
                notes=("the spec names no address; set `endpoints[0].address` of its ServiceEntry in an overlay",),
            )


def _queued(plan: Plan, demand: str) -> Iterator[str]:
    """Of a pool that may be empty: whoever called it by its routes would get a 503 meanwhile."""
    for call in plan.calls:
        if call.caller == demand and plan.pool(call.callee).agents_min == 0:
            names = " or ".join(queue.name for queue in plan.containment.queues if queue.pool == call.callee)
            yield f"{call.callee} may be empty: its requests must be put into {names}, and not sent to its agents"


def _account(plan: Plan, demand: str) -> tuple[str, ...]:
    """Callers are allowed by service account, and a gateway's is the user's to set."""
    return (f"and as service account {demand}: only {principal(plan, demand)} is let in",) if is_closed(plan) else ()
