"""Which demands may enter by the Gateway API.

Turns a demand's call into a yes or no that two targets must agree on. Invariant: no demand has both an HTTPRoute and a
VirtualService.

Sources: Gateway API 1.6, HTTPRouteRule (`timeouts`; `retry` with `attempts` from 1 on, in the experimental channel);
Istio 1.31, `pilot/pkg/config/kube/gateway/conversion.go`: a rule without `retry` is retried twice, and one with it on
connections that fail and on the listed codes, not on connections that break.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.compiler.plan import CallPlan, DemandPlan, Plan

from .calls import by_caller

NEVER = "retriable-headers"
"""A reason to retry that needs a list of headers; without one it never comes."""


def entries(plan: Plan) -> Iterator[tuple[DemandPlan, CallPlan]]:
    """Each demand with the one call by which its requests come in; a spec with two is refused (ST1016)."""
    outgoing, empty = by_caller(plan), by_queues_alone(plan)
    for demand in plan.demands:
        for call in outgoing.get(demand.name, ())[:1]:
            if call.callee not in empty:
                yield demand, call


def by_queues_alone(plan: Plan) -> frozenset[str]:
    """Pools that may be empty. What they are asked for are items of their queues: a route would find nobody there."""
    return frozenset(pool.name for pool in plan.pools if pool.agents_min == 0)


def by_http_route(call: CallPlan) -> bool:
    """Whether an HTTPRoute says all of its route: it cannot say what a retry is for, how long it takes or how many."""
    return call.retry.attempts == 0
