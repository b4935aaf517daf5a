"""What Dapr cannot say of a call, or says otherwise.

Turns the plan's calls into one ST7081 each that lists what is left out. Invariant: a clause that Dapr's documents
follow only roughly, or not at all, is in the list.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.compiler.model import CalleeKind, CallerKind, Route
from seatrial.compiler.plan import CallPlan, Plan
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..quantity import number
from .meaning import longest


def findings(plan: Plan) -> Iterator[Diagnostic]:
    for call in plan.calls:
        notes = tuple(_entry(call) if call.caller_kind is CallerKind.DEMAND else _missing(call))
        if notes:
            yield Diagnostic(
                "ST7081",
                Severity.WARNING,
                f"dapr: it has not all of what call {call.caller} -> {call.callee} states",
                (Label(call.origin),),
                notes=notes,
                help="what was proved holds with the envoy or istio target; keep to what Dapr has where agents use it",
            )


def _entry(call: CallPlan) -> Iterator[str]:
    said = (call.timeout_seconds, call.try_timeout_seconds, call.breaker, call.limit, call.shed_on_failure)
    if call.retry.attempts or any(one is not None for one in (*said, call.admit, call.warm_up)):
        yield "requests from outside come by a gateway, whose policy is not Dapr's: none of it is written"


def _missing(call: CallPlan) -> Iterator[str]:
    if call.retry.attempts:
        yield from _retries(call)
    if call.breaker is not None and call.callee_kind is CalleeKind.POOL:
        yield "break: its circuit breaker shuts a whole pool, not one agent; nothing is written for it"
    if call.shed_on_failure is not None and _two_breakers(call):
        yield "shed: a component has one circuit breaker, which `break` takes"
    elif call.shed_on_failure is not None:
        yield "shed: it refuses every request for the window, where a proxy refuses a part; 4xx counts as failing"
    if call.limit is not None:
        yield "limit: it bounds no connections, requests in flight or waiting ones"
    if call.admit is not None:
        yield "admit: it counts no requests a second of a call"
    if call.warm_up is not None:
        yield "warm up: a new agent gets its whole part at once"
    if call.shed_on_latency is not None:
        yield "shed: it knows no quantile of latency; agents read it from runtime/fleet.json"
    if call.callee_kind is CalleeKind.POOL and call.route is not Route.ROUND_ROBIN:
        yield f"route {call.route.value}: it takes agents in turn"


def _two_breakers(call: CallPlan) -> bool:
    return call.callee_kind is CalleeKind.DEPENDENCY and call.breaker is not None


def _retries(call: CallPlan) -> Iterator[str]:
    retry = call.retry
    most, whole = longest(call), call.timeout_seconds
    if whole is not None and most is not None and most > whole:
        yield f"timeout: it bounds each attempt alone; all together may take {number(most)}s, not {number(whole)}s"
    if retry.attempts > 1 and retry.backoff_cap_seconds > retry.backoff_seconds:
        yield f"backoff: every pause is {number(retry.backoff_seconds)}s; pauses that grow begin at 0.5s with it"
    if retry.budget_share is not None:
        yield f"budget: it bounds no share of retries, so a storm may be {retry.attempts + 1} times the requests"
