"""One call to one cluster.

Turns a call into a cluster with the edge's limits, ejection and load balancing, whose endpoints come from a watched
file. Invariant: two edges to one callee are two clusters over the same file, so that no policy leaks between callers.

Sources: Envoy 1.40 API reference, config.cluster.v3.Cluster, config.core.v3.PathConfigSource.
"""

from __future__ import annotations

from seatrial.compiler.model import Route
from seatrial.compiler.plan import CallPlan

from ..base import Object
from ..proxy import LEFT_TO_AGENTS, TYPE, UPDATE_MERGE_WINDOW, circuit_breakers, ejects, outlier_detection, slow_start

ENDPOINTS = "eds"
"""Folder of the endpoint files, `<callee>.json`, relative to Envoy's working directory."""

CONNECT_TIMEOUT = "0.25s"
"""On one machine a connection takes microseconds; longer means that no one accepts."""

BALANCERS: dict[Route, str] = {
    Route.LEAST_LOADED: "LEAST_REQUEST",
    Route.ROUND_ROBIN: "ROUND_ROBIN",
    Route.RANDOM: "RANDOM",
    Route.BY_HEADER: "RING_HASH",
    **dict.fromkeys(LEFT_TO_AGENTS, "LEAST_REQUEST"),
}
"""LEAST_REQUEST takes the better of two hosts drawn at random (Envoy's choice_count of 2)."""


def cluster(call: CallPlan) -> Object:
    body: Object = {
        "name": call.name,
        "type": "EDS",
        "eds_cluster_config": {"service_name": call.callee, "eds_config": _endpoints(call.callee)},
        "connect_timeout": CONNECT_TIMEOUT,
        "lb_policy": BALANCERS[call.route],
        # By default Envoy sends to every host, broken or not, once fewer than half are healthy. Istio turns that off
        # where hosts are ejected, and in Kubernetes an unready pod is no endpoint at all.
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}, "update_merge_window": UPDATE_MERGE_WINDOW},
        "circuit_breakers": circuit_breakers(call.limit, call.retry),
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": f"{TYPE}.extensions.upstreams.http.v3.HttpProtocolOptions",
                "explicit_http_config": {"http_protocol_options": {}},
            }
        },
    }
    if call.warm_up is not None:
        # A policy that knows no weights has no such configuration; a spec that asks for it is refused (ST1017).
        body[f"{BALANCERS[call.route].lower()}_lb_config"] = {"slow_start_config": slow_start(call.warm_up)}
    if call.breaker is not None and ejects(call.breaker):
        body["outlier_detection"] = outlier_detection(call.breaker)
    return body


def _endpoints(callee: str) -> Object:
    return {
        "resource_api_version": "V3",
        "path_config_source": {
            "path": f"{ENDPOINTS}/{callee}.json",
            # The folder is watched, or a file that is moved into place would not be seen.
            "watched_directory": {"path": ENDPOINTS},
        },
    }
