"""BackendTrafficPolicies of Envoy Gateway: what they say of a route is said, the rest of them is listed."""

from __future__ import annotations

from typing import Any

import pytest

from .mutated import Made, changed, imported
from .test_token_buckets_that_are_read import deployment

GROUP = "gateway.networking.k8s.io"
SPEC: dict[str, Any] = {
    "targetRefs": [{"group": GROUP, "kind": "HTTPRoute", "name": "shop"}],
    "timeout": {"http": {"requestTimeout": "3s", "connectionIdleTimeout": "1h"}},
    "retry": {
        "numRetries": 2,
        "perRetry": {"timeout": "900ms", "backOff": {"baseInterval": "100ms", "maxInterval": "400ms"}},
        "retryOn": {"triggers": ["retriable-status-codes"], "httpStatusCodes": [503]},
    },
    "circuitBreaker": {"maxConnections": 64, "maxPendingRequests": 32, "maxParallelRequests": 128},
    "healthCheck": {"passive": {"consecutive5XxErrors": 4, "baseEjectionTime": "20s", "maxEjectionPercent": 50}},
    "loadBalancer": {"type": "RoundRobin", "slowStart": {"window": "45s"}},
    "rateLimit": {"type": "Local", "local": {"rules": [{"limit": {"requests": 600, "unit": "Minute"}}]}},
}


def policy(spec: dict[str, Any], name: str = "shop") -> dict[str, Any]:
    return {
        "apiVersion": "gateway.envoyproxy.io/v1alpha1",
        "kind": "BackendTrafficPolicy",
        "metadata": {"name": name},
        "spec": spec,
    }


def objects(*policies: dict[str, Any], backend: str = "web") -> list[Any]:
    gateway = {"gatewayClassName": "eg", "listeners": [{"name": "http", "port": 80, "protocol": "HTTP"}]}
    rule = {"backendRefs": [{"name": backend, "port": 8080}]}
    route = {"parentRefs": [{"name": "public"}], "rules": [rule]}
    return [
        deployment("web"),
        {"apiVersion": f"{GROUP}/v1", "kind": "Gateway", "metadata": {"name": "public"}, "spec": gateway},
        {"apiVersion": f"{GROUP}/v1", "kind": "HTTPRoute", "metadata": {"name": "shop"}, "spec": route},
        *policies,
    ]


def entry(name: str) -> dict[str, Any]:
    return {
        "apiVersion": "networking.istio.io/v1",
        "kind": "ServiceEntry",
        "metadata": {"name": name},
        "spec": {"hosts": [f"{name}.dependency.internal"]},
    }


def made(*policies: dict[str, Any]) -> Made:
    found = imported(objects(*policies), "shop", "")
    assert found.errors() == []
    return found


def test_what_a_policy_says_of_its_route_is_said() -> None:
    text = made(policy(SPEC)).text
    for clause in (
        "timeout 3s",
        "try timeout 900ms",
        "retry 2 { backoff 100ms up to 400ms }",
        "limit 32 pending, 128 in flight, 64 connections",
        "break after 4 errors { eject at most 50% for 20s }"
        "  # ask: Envoy Gateway's interval is 3 s where nothing is said, that of a break 10 s; is that meant?",
        "admit at most 10/s, burst 600",
        "warm up 45s from 10%",
        "route round robin",
    ):
        assert f"{clause}\n" in text, text


def test_what_it_says_besides_is_listed() -> None:
    left = made(policy(SPEC)).left
    mine = {path for object, path in left if object == "BackendTrafficPolicy/shop"}
    assert mine == {"spec.timeout.http.connectionIdleTimeout", "spec.retry.retryOn"}


def test_defaults_are_envoy_gateways() -> None:
    text = made(policy({**SPEC, "retry": {}, "healthCheck": {"passive": {}}})).text
    assert "retry 2 {" in text and "break after 5 errors { eject at most 10% for 30s }" in text
    assert "retry " not in made().text and "break after" not in made().text


def test_the_policy_of_a_route_counts_before_that_of_its_gateway() -> None:
    of_gateway = {"targetRef": {"group": GROUP, "kind": "Gateway", "name": "public"}, "retry": {"numRetries": 9}}
    alone = made(policy(of_gateway, "all"))
    assert "retry 9 {" in alone.text
    both = made(policy(of_gateway, "all"), policy(SPEC))
    assert "retry 2 {" in both.text
    assert both.left["BackendTrafficPolicy/all", "spec"].startswith("other policies count for all of it")


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize(("created", "counts"), [(("2026-01-02", "2026-01-01"), "b"), ((None, None), "a")])
def test_of_two_policies_of_one_gateway_the_older_counts(
    created: tuple[str | None, str | None], counts: str, swapped: bool
) -> None:
    of_gateway = {"targetRef": {"group": GROUP, "kind": "Gateway", "name": "public"}}
    both = [
        policy({**of_gateway, "timeout": {"http": {"requestTimeout": time}}}, name)
        for name, time in (("a", "1s"), ("b", "2s"))
    ]
    for one, time in zip(both, created, strict=True):
        one["metadata"] |= {"creationTimestamp": time} if time else {}
    found = made(*reversed(both) if swapped else both)
    assert f"timeout {1 if counts == 'a' else 2}s\n" in found.text
    assert [object for object, path in found.left if path == "spec"] == [
        f"BackendTrafficPolicy/{'b' if counts == 'a' else 'a'}"
    ]


@pytest.mark.parametrize(("interval", "asked"), [(None, True), ("3s", False), ("10s", False)])
def test_a_sweep_that_compiling_changes_is_asked_about_or_listed(interval: str | None, asked: bool) -> None:
    passive = {"interval": interval} if interval else {}
    found = made(policy({**SPEC, "healthCheck": {"passive": passive}}))
    assert ("is 3 s where nothing is said" in found.text) == asked
    path = "spec.healthCheck.passive.interval"
    assert (("BackendTrafficPolicy/shop", path) in found.left) == (interval == "3s")


@pytest.mark.parametrize(
    ("path", "value", "listed"),
    [
        (("spec", "targetRefs", 0, "name"), "elsewhere", "spec"),
        (("spec", "targetRefs", 0, "sectionName"), "rule-1", "spec"),
        (("spec", "retry", "numRetries"), -1, "spec.retry.numRetries"),
        (("spec", "healthCheck", "passive", "interval"), "5s", "spec.healthCheck.passive.interval"),
        (("spec", "healthCheck", "passive", "maxEjectionPercent"), 150, "spec.healthCheck.passive"),
        (("spec", "healthCheck", "active"), {"type": "HTTP"}, "spec.healthCheck.active"),
        (("spec", "loadBalancer", "type"), "BackendUtilization", "spec.loadBalancer"),
        (("spec", "rateLimit", "local", "rules", 0, "clientSelectors"), [{}], "spec.rateLimit.local"),
        (("spec", "rateLimit", "global"), {"rules": []}, "spec.rateLimit.global"),
        (("spec", "faultInjection"), {"abort": {"percentage": 1}}, "spec.faultInjection"),
        (("spec", "mergeType"), "StrategicMerge", "spec.mergeType"),
    ],
)
def test_what_cannot_be_said_is_listed(path: tuple[str | int, ...], value: object, listed: str) -> None:
    found = imported(changed(objects(policy(SPEC)), 3, path, value), "shop", "")
    assert found.errors() == []
    paths = {path for object, path in found.left if object == "BackendTrafficPolicy/shop"}
    assert listed in paths, paths


@pytest.mark.parametrize(
    ("path", "value", "clause", "listed"),
    [
        ("timeouts", {"request": "9s"}, "timeout 9s\n", "spec.timeout.http.requestTimeout"),
        ("retry", {"attempts": 7}, "retry 7 {", "spec.retry"),
    ],
)
def test_what_the_route_says_itself_counts(path: str, value: object, clause: str, listed: str) -> None:
    found = imported(changed(objects(policy(SPEC)), 2, ("spec", "rules", 0, path), value), "shop", "")
    assert clause in found.text
    assert ("BackendTrafficPolicy/shop", listed) in found.left


def test_what_a_models_gateway_counts_is_the_limit_of_the_dependency() -> None:
    cost = {"response": {"from": "Metadata", "metadata": {"namespace": "io.envoy.ai_gateway", "key": "llm"}}}
    tokens = {"limit": {"requests": 12_000_000, "unit": "Minute"}, "cost": cost}
    requests = {"limit": {"requests": 1200, "unit": "Second"}}
    tenant = {**tokens, "clientSelectors": [{"headers": [{"name": "x-tenant", "value": "free"}]}]}
    spec = {
        "targetRefs": [{"group": GROUP, "kind": "HTTPRoute", "name": "llm"}],
        "rateLimit": {"type": "Global", "global": {"rules": [tenant, tokens, requests]}},
    }
    found = imported([deployment("web"), entry("llm"), policy(spec, "llm")], "shop", "")
    assert found.errors() == []
    assert "limit 12_000_000 tokens/min, 1_200 requests/s\n" in found.text
    assert {path for object, path in found.left if object == "BackendTrafficPolicy/llm"} == {
        "spec.rateLimit.global.rules[0]"
    }


@pytest.mark.parametrize("backend", ["web", "elsewhere"])
def test_a_route_of_a_dependencys_name_is_the_route(backend: str) -> None:
    several = [{"limit": {"requests": 1200, "unit": "Minute"}}]
    counted = {"type": "Global", "global": {"rules": several}}
    shop = policy({**SPEC, "rateLimit": counted})
    found = imported([*objects(shop, backend=backend), entry("shop")], "shop", "")
    assert found.errors() == []
    assert "1_200 requests/min" not in found.text
    assert ("timeout 3s\n" in found.text) == (backend == "web")
    listed = "spec.rateLimit.global" if backend == "web" else "spec"
    assert ("BackendTrafficPolicy/shop", listed) in found.left
