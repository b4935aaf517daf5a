"""One call to one listener.

Turns a call into a listener on a free port of 127.0.0.1 with the edge's filters and its one route. Invariant: the
listener, its route's cluster and its log lines bear the call's name.

Sources: Envoy 1.40 API reference, HttpConnectionManager v3, config.route.v3.RouteAction and RetryPolicy,
extensions.filters.http.fault.v3.HTTPFault, "Access logging" format strings.
"""

from __future__ import annotations

from seatrial.compiler.model import Route
from seatrial.compiler.plan import CallPlan

from ..base import Json, Object
from ..proxy import (
    HOST_SELECTION_ATTEMPTS,
    RETRY_ON,
    TYPE,
    admission_control,
    another_host,
    local_rate_limit,
    retry_back_off,
    runtime_key,
    timeout,
)
from ..quantity import duration

ACCESS_LOG = "logs/access.log"


def listener(call: CallPlan) -> Object:
    return {
        "name": call.name,
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}},
        "filter_chains": [{"filters": [_connection_manager(call)]}],
    }


def _connection_manager(call: CallPlan) -> Object:
    manager: Object = {
        "@type": f"{TYPE}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": call.name,
        "codec_type": "AUTO",
        # Envoy's default of 5 min would cut a call whose spec states no timeout; Istio sets 0 as well.
        "stream_idle_timeout": "0s",
        # A caller that sends an id finds it again in the log.
        "preserve_external_request_id": True,
        "access_log": [_access_log(call)],
        "route_config": {
            "name": call.name,
            "virtual_hosts": [{"name": call.name, "domains": ["*"], "routes": [_route(call)]}],
        },
        "http_filters": _http_filters(call),
    }
    return {"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}


def _route(call: CallPlan) -> Object:
    whole = timeout(call)
    # Envoy's default of 15 s would be a timeout that no one wrote.
    action: Object = {"cluster": call.name, "timeout": "0s" if whole is None else duration(whole)}
    if call.retry.attempts:
        action["retry_policy"] = _retry_policy(call)
    if call.route is Route.BY_HEADER and call.route_header is not None:
        action["hash_policy"] = [{"header": {"header_name": call.route_header}}]
    return {"match": {"prefix": "/"}, "route": action}


def _retry_policy(call: CallPlan) -> Object:
    policy: Object = {
        "retry_on": RETRY_ON,
        "num_retries": call.retry.attempts,
        "retry_back_off": retry_back_off(call.retry),
        "retry_host_predicate": [another_host()],
        "host_selection_retry_max_attempts": HOST_SELECTION_ATTEMPTS,
    }
    if call.try_timeout_seconds is not None:
        policy["per_try_timeout"] = duration(call.try_timeout_seconds)
    return policy


def _http_filters(call: CallPlan) -> list[Json]:
    """The rate first: what it refuses is no failure of the callee. Then shedding, so that it sees an injected abort as
    the failure it stands for; the router last."""
    filters: list[Json] = []
    if call.admit is not None:
        filters.append(local_rate_limit(call, call.admit))
    if call.shed_on_failure is not None:
        filters.append(admission_control(call, call.shed_on_failure))
    filters.append(_fault(call))
    filters.append(
        {
            "name": "envoy.filters.http.router",
            "typed_config": {"@type": f"{TYPE}.extensions.filters.http.router.v3.Router"},
        }
    )
    return filters


def _fault(call: CallPlan) -> Object:
    """Injects nothing until the runtime keys of this edge say otherwise. Without keys of its own every edge would share
    Envoy's global ones (`fault.http.delay.fixed_delay_percent`, …)."""
    nothing: Object = {"numerator": 0, "denominator": "HUNDRED"}
    return {
        "name": "envoy.filters.http.fault",
        "typed_config": {
            "@type": f"{TYPE}.extensions.filters.http.fault.v3.HTTPFault",
            # The least delay that the API takes; at 0 % it is never felt.
            "delay": {"fixed_delay": "0.001s", "percentage": dict(nothing)},
            "abort": {"http_status": 503, "percentage": dict(nothing)},
            "delay_percent_runtime": runtime_key(call, "delay_percent"),
            "delay_duration_runtime": runtime_key(call, "delay_ms"),
            "abort_percent_runtime": runtime_key(call, "abort_percent"),
            "abort_http_status_runtime": runtime_key(call, "abort_status"),
        },
    }


def _access_log(call: CallPlan) -> Object:
    """One JSON object a line. `start` is seconds since 1970 with milliseconds, `duration_ms` is to the last byte,
    `attempts` counts tries that reached a host (0: shed, aborted or overflowed before one)."""
    line: Object = {
        "start": "%START_TIME(%s.%3f)%",
        "edge": call.name,
        "method": "%REQ(:METHOD)%",
        "path": "%REQ(:PATH)%",
        "request_id": "%REQ(X-REQUEST-ID)%",
        "code": "%RESPONSE_CODE%",
        "flags": "%RESPONSE_FLAGS%",
        "details": "%RESPONSE_CODE_DETAILS%",
        "duration_ms": "%DURATION%",
        "upstream": "%UPSTREAM_HOST%",
        "attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
    }
    return {
        "name": "envoy.access_loggers.file",
        "typed_config": {
            "@type": f"{TYPE}.extensions.access_loggers.file.v3.FileAccessLog",
            "path": ACCESS_LOG,
            "log_format": {"json_format": line},
        },
    }
