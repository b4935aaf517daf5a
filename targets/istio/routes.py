"""Calls to VirtualServices and Gateways.

Turns the calls to one callee into one VirtualService with a route for each caller, and a demand's call into a Gateway
with its own. Invariant: every route states `retries`, 0 as well: Istio retries twice where nothing is said.

Source: Istio reference, Virtual Service (HTTPRetry, HTTPMatchRequest.sourceLabels) and Gateway.
"""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.compiler.plan import CallPlan, Plan

from ..base import Json, Object
from ..names import DEMAND_LABEL, metadata
from ..proxy import RETRY_ON, timeout
from ..quantity import duration
from .edges import destination, host, selector

GATEWAY_PORT = 80
"""Where a demand enters: plain HTTP. TLS needs a certificate, which is the user's to add to the Gateway."""


def mesh_routes(plan: Plan, calls: Sequence[CallPlan]) -> Object:
    """The VirtualService of one callee; `calls` are those that pools make to it, at least one."""
    first = calls[0]
    routes: list[Json] = [
        {"name": call.name, "match": [{"sourceLabels": selector(call)}], **_policy(plan, call)} for call in calls
    ]
    # Without a last route a caller outside the spec would get 404; with Istio's default it would retry unproved.
    routes.append({"name": f"others--{first.callee}", "retries": {"attempts": 0}, "route": [destination(plan, first)]})
    spec: Object = {"hosts": [host(plan, first)], "gateways": ["mesh"], "exportTo": ["."], "http": routes}
    return _virtual_service(plan, first.callee, spec)


def gateway_routes(plan: Plan, call: CallPlan) -> Object:
    """The VirtualService of one demand: all that comes in goes to the pool that serves it."""
    routes: Json = [{"name": call.name, **_policy(plan, call)}]
    spec: Object = {"hosts": ["*"], "gateways": [call.caller], "exportTo": ["."], "http": routes}
    return _virtual_service(plan, call.caller, spec)


def gateway(plan: Plan, demand: str) -> Object:
    """The entry of one demand, on the pods that carry its label."""
    server: Object = {
        "port": {"number": GATEWAY_PORT, "name": "http", "protocol": "HTTP"},
        "hosts": ["*"],
    }
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "Gateway",
        "metadata": metadata(plan, demand),
        "spec": {"selector": {DEMAND_LABEL: demand}, "servers": [server]},
    }


def _virtual_service(plan: Plan, name: str, spec: Object) -> Object:
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "VirtualService",
        "metadata": metadata(plan, name),
        "spec": spec,
    }


def _policy(plan: Plan, call: CallPlan) -> Object:
    """No timeout is Istio's default too, and 0s is refused, so an unstated one is left out."""
    found: Object = {"route": [destination(plan, call)]}
    if (whole := timeout(call)) is not None:
        found["timeout"] = duration(whole)
    return {**found, "retries": _retries(call)}


def _retries(call: CallPlan) -> Object:
    if not call.retry.attempts:
        return {"attempts": 0}
    found: Object = {"attempts": call.retry.attempts, "retryOn": RETRY_ON}
    if call.try_timeout_seconds is not None:
        found["perTryTimeout"] = duration(call.try_timeout_seconds)
    return {**found, "backoff": duration(call.retry.backoff_seconds)}
