"""Which demands may enter by the Gateway API.

Turns a demand's call into a yes or no that two targets must agree on. Invariant: no demand has both an HTTPRoute and a
VirtualService.

Sources: Gateway API 1.6, HTTPRouteRule (`timeouts`; `retry` with `attempts` from 1 on, in the experimental channel);
Istio 1.31, `pilot/pkg/config/kube/gateway/conversion.go`: a rule without `retry` is retried twice, and one with it on
connections that fail and on the listed codes, not on connections that break.
"""

from __future__ import annotations

from seatrial.compiler.model import CallerKind
from seatrial.compiler.plan import CallPlan, DemandPlan, Plan

NEVER = "retriable-headers"
"""A reason to retry that needs a list of headers; without one it never comes."""


def entry(plan: Plan, demand: DemandPlan) -> CallPlan | None:
    """The one call by which a demand's requests come in; a spec with two is refused (ST1016)."""
    mine = (call for call in plan.calls if call.caller_kind is CallerKind.DEMAND and call.caller == demand.name)
    return next(mine, None)


def by_http_route(call: CallPlan) -> bool:
    """Whether an HTTPRoute says all of its route: it cannot say what a retry is for, how long it takes or how many."""
    return call.retry.attempts == 0
