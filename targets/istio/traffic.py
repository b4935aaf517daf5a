"""One call to its DestinationRule.

Turns a call's limit, break, retry-budget and route clauses into the traffic policy of its caller alone. Invariant:
each rule has a `workloadSelector`, so two callers of one pool never share or override each other's policy.

Source: Istio reference, Destination Rule. Rules for one host are merged only when their selectors are equal
(`mergeDestinationRule`, pilot/pkg/model/destination_rule.go); a selector works within its own namespace only.
"""

from __future__ import annotations

from seatrial.compiler.model import Route
from seatrial.compiler.plan import BreakPlan, CallPlan, LimitPlan, Plan

from ..base import Object
from ..names import metadata
from ..proxy import LEFT_TO_AGENTS, MIN_RETRY_CONCURRENCY, ejects
from ..quantity import duration, number, percent_down
from .edges import host, selector

_BALANCERS = {
    Route.LEAST_LOADED: "LEAST_REQUEST",
    Route.ROUND_ROBIN: "ROUND_ROBIN",
    Route.RANDOM: "RANDOM",
    **dict.fromkeys(LEFT_TO_AGENTS, "LEAST_REQUEST"),
}


def destination_rule(plan: Plan, call: CallPlan) -> Object:
    spec: Object = {
        "host": host(plan, call),
        "workloadSelector": {"matchLabels": selector(call)},
        "exportTo": ["."],
        "trafficPolicy": _policy(call),
    }
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "DestinationRule",
        "metadata": metadata(plan, call.name),
        "spec": spec,
    }


def _policy(call: CallPlan) -> Object:
    policy: Object = {"loadBalancer": _balancer(call)}
    if call.limit is not None and (pool := _pool(call.limit)):
        policy["connectionPool"] = pool
    if call.breaker is not None and ejects(call.breaker):
        policy["outlierDetection"] = _outlier_detection(call.breaker)
    if call.retry.attempts and call.retry.budget_share is not None:
        # Istio's own default for a missing percent was 0.2 % in several releases.
        policy["retryBudget"] = {
            "percent": number(call.retry.budget_share * 100),
            "minRetryConcurrency": MIN_RETRY_CONCURRENCY,
        }
    return policy


def _balancer(call: CallPlan) -> Object:
    """Zones are off: with outlier detection a proxy would else send to its own zone alone while that has a healthy
    host, whatever the others have to do (`LocalityLBSettings.ApplyToCluster`); the checker has every agent share alike.
    `warmup` counts a new host for less (Istio 1.24; before it was `warmupDurationSecs` alone); without it an agent that
    is ready counts as a whole one.
    """
    by_header: Object = {"consistentHash": {"httpHeaderName": call.route_header}}
    chosen: Object = by_header if call.route is Route.BY_HEADER else {"simple": _BALANCERS[call.route]}
    if call.warm_up is not None:
        chosen["warmup"] = {
            "duration": duration(call.warm_up.over_seconds),
            "minimumPercent": number(call.warm_up.from_share * 100),
            "aggression": 1,
        }
    return {**chosen, "localityLbSetting": {"enabled": False}}


def _pool(limit: LimitPlan) -> Object:
    """What is not limited is left out: Istio then writes 2^32-1, unlike Envoy with its 1024. It takes 0 for unset; a
    spec has no limit of 0."""
    http: Object = {}
    if limit.pending is not None:
        http["http1MaxPendingRequests"] = limit.pending
    if limit.in_flight is not None:
        # Named for HTTP/2, it is Envoy's max_requests and holds for HTTP/1.1 too.
        http["http2MaxRequests"] = limit.in_flight
    found: Object = {}
    if limit.connections is not None:
        found["tcp"] = {"maxConnections": limit.connections}
    if http:
        found["http"] = http
    return found


def _outlier_detection(breaker: BreakPlan) -> Object:
    """Detection by a share is Envoy's alone (`filters.py`); 0 errors turns Istio's five in a row off."""
    return {
        "consecutive5xxErrors": breaker.errors or 0,
        "interval": duration(breaker.over_seconds),
        "baseEjectionTime": duration(breaker.eject_for_seconds),
        "maxEjectionPercent": percent_down(breaker.eject_share),
    }
