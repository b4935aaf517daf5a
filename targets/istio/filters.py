"""One call to its EnvoyFilter, where Istio's own API has no words for a clause.

Turns back-off caps, ejection by a share, rates and shedding into patches of the caller's proxy. Invariant: a patch
reaches one caller (workloadSelector) and one callee (cluster service, or route name) only, and never relies on merging
a zero, which protobuf's merge drops.

Sources: Istio reference, EnvoyFilter; Istio names an Envoy route after the VirtualService's http route; Envoy 1.40,
config.route.v3.FilterConfig and HttpFilter.disabled (a filter that is off but on the routes that name it).
"""

from __future__ import annotations

from seatrial.compiler.model import Route
from seatrial.compiler.plan import CallPlan, Plan

from ..base import Json, Object
from ..names import metadata
from ..proxy import (
    TYPE,
    UPDATE_MERGE_WINDOW,
    admission_control,
    another_host,
    ejects,
    local_rate_limit,
    outlier_detection,
    retry_back_off,
)
from ..quantity import milliseconds
from .edges import context, host, port, selector

DEFAULT_CAP_FACTOR = 10
"""Envoy's max_interval where none is set, as a multiple of the base."""


def envoy_filter(plan: Plan, call: CallPlan) -> Object | None:
    """None where DestinationRule and VirtualService say it all."""
    patches = [*_ejection(plan, call), *_retrying(call), *_admitting(call), *_shedding(call)]
    if not patches:
        return None
    return {
        "apiVersion": "networking.istio.io/v1alpha3",
        "kind": "EnvoyFilter",
        "metadata": metadata(plan, call.name),
        "spec": {"workloadSelector": {"labels": selector(call)}, "configPatches": patches},
    }


def _ejection(plan: Plan, call: CallPlan) -> list[Json]:
    if call.breaker is None or not ejects(call.breaker):
        return []
    whole = outlier_detection(call.breaker)
    # Interval, base time and share are the DestinationRule's; an enforcing_… of 0 Istio writes itself.
    ours = {
        "max_ejection_time",
        "failure_percentage_threshold",
        "failure_percentage_minimum_hosts",
        "failure_percentage_request_volume",
    }
    value: Object = {key: value for key, value in whole.items() if key in ours}
    if call.breaker.success_below is not None:
        value["enforcing_failure_percentage"] = whole["enforcing_failure_percentage"]
    match: Object = {
        "context": context(call),
        "cluster": {"service": host(plan, call), "portNumber": port(call)},
    }
    held_back: Object = {"update_merge_window": UPDATE_MERGE_WINDOW}
    return [_patch("CLUSTER", match, "MERGE", {"outlier_detection": value, "common_lb_config": held_back})]


def _retrying(call: CallPlan) -> list[Json]:
    """Istio's `backoff` is the base alone, and where a header picks the host it retries on that very host
    (`ConvertPolicy`, pilot/pkg/networking/core/route/retry/retry.go); a retry is meant for another one."""
    if not call.retry.attempts:
        return []
    policy: Object = {}
    base, cap = milliseconds(call.retry.backoff_seconds), milliseconds(call.retry.backoff_cap_seconds)
    if max(base, cap) != DEFAULT_CAP_FACTOR * base:
        policy["retry_back_off"] = retry_back_off(call.retry)
    if call.route is Route.BY_HEADER:
        policy["retry_host_predicate"] = [another_host()]
    if not policy:
        return []
    return [_patch("HTTP_ROUTE", _route(call), "MERGE", {"route": {"retry_policy": policy}})]


def _admitting(call: CallPlan) -> list[Json]:
    return [] if call.admit is None else _for_its_route(call, "admit", local_rate_limit(call, call.admit))


def _shedding(call: CallPlan) -> list[Json]:
    """After the rate: each is put right before the router, so the one that is written first comes first."""
    if call.shed_on_failure is None:
        return []
    return _for_its_route(call, "shed", admission_control(call, call.shed_on_failure))


def _for_its_route(call: CallPlan, what: str, filter_: Object) -> list[Json]:
    """A filter sits in the listener, which all callees share; it is off there and switched on by this call's route."""
    name = f"seatrial.{what}.{call.name}"
    body: Object = {**filter_, "name": name, "disabled": True}
    connections: Object = {
        "name": "envoy.filters.network.http_connection_manager",
        "subFilter": {"name": "envoy.filters.http.router"},
    }
    listener: Object = {"context": context(call), "listener": {"filterChain": {"filter": connections}}}
    switch: Object = {"@type": f"{TYPE}.config.route.v3.FilterConfig", "config": {}}
    return [
        _patch("HTTP_FILTER", listener, "INSERT_BEFORE", body),
        _patch("HTTP_ROUTE", _route(call), "MERGE", {"typed_per_filter_config": {name: switch}}),
    ]


def _route(call: CallPlan) -> Object:
    return {"context": context(call), "routeConfiguration": {"vhost": {"route": {"name": call.name}}}}


def _patch(apply_to: str, match: Object, operation: str, value: Object) -> Object:
    return {"applyTo": apply_to, "match": match, "patch": {"operation": operation, "value": value}}
