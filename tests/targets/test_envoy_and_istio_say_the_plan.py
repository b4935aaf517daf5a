"""Equivalence: what Envoy's bootstrap and Istio's documents say of each call is what the plan says of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction as F
from typing import Any

import pytest

from seatrial.compiler.plan import CallPlan, Plan

from .emitted import CASES, read
from .test_envoy_accepts_the_bootstrap import edges

UNLIMITED = 4294967295
PREVIOUS_HOSTS = "envoy.retry_host_predicates.previous_hosts"
PLANS = {**CASES, "edges": edges}


@dataclass(frozen=True, slots=True)
class Said:
    """The policy of one call in Envoy's resolution: whole milliseconds and whole per cent."""

    timeout_ms: int | None
    attempts: int
    try_timeout_ms: int | None
    back_off_ms: tuple[int, int] | None
    budget_percent: float | None
    limits: tuple[int | None, int | None, int | None]
    errors: int | None
    failure_percent: int | None
    ejected_percent: int | None
    ejected_ms: tuple[int, int] | None
    interval_ms: int | None
    shed: tuple[float, int] | None
    admit: tuple[F, int] | None
    """Tokens a second, and how many may be there."""
    warm_up: tuple[int, float] | None
    balancer: str
    header: str | None
    elsewhere: bool
    """Whether a retry looks for a host that was not tried."""


def rounded_ms(seconds: F) -> int:
    return max(1, int(seconds * 1000 + F(1, 2)))


def of_plan(call: CallPlan) -> Said:
    retry, breaker, limit = call.retry, call.breaker, call.limit
    times = [one for one in (call.timeout_seconds, call.try_timeout_seconds) if one is not None]
    whole = (min(times) if times else None) if retry.attempts == 0 else call.timeout_seconds
    base = rounded_ms(retry.backoff_seconds)
    if breaker is not None and int(breaker.eject_share * 100) == 0:
        breaker = None
    below = None if breaker is None else breaker.success_below
    ejected = None if breaker is None else rounded_ms(breaker.eject_for_seconds)
    shed, admit, warm = call.shed_on_failure, call.admit, call.warm_up
    return Said(
        timeout_ms=None if whole is None else rounded_ms(whole),
        attempts=retry.attempts,
        try_timeout_ms=rounded_ms(call.try_timeout_seconds) if retry.attempts and call.try_timeout_seconds else None,
        back_off_ms=(base, max(base, rounded_ms(retry.backoff_cap_seconds))) if retry.attempts else None,
        budget_percent=float(retry.budget_share * 100) if retry.attempts and retry.budget_share is not None else None,
        limits=(None, None, None) if limit is None else (limit.pending, limit.in_flight, limit.connections),
        errors=None if breaker is None else breaker.errors,
        failure_percent=None if below is None else max(1, -int(-(1 - below) * 100 // 1)),
        ejected_percent=None if breaker is None else int(breaker.eject_share * 100),
        ejected_ms=None if ejected is None else (ejected, ejected),
        interval_ms=None if breaker is None else rounded_ms(breaker.over_seconds),
        shed=None if shed is None else (float(shed.success_below * 100), rounded_ms(shed.over_seconds)),
        admit=None if admit is None else (admit.per_second, admit.burst),
        warm_up=None if warm is None else (rounded_ms(warm.over_seconds), float(warm.from_share * 100)),
        balancer=call.route.value,
        header=call.route_header,
        elsewhere=retry.attempts > 0,
    )


def ms(text: str) -> int:
    found = re.fullmatch(r"(\d+)(?:\.(\d{1,3}))?s", text)
    assert found is not None, text
    return int(found[1]) * 1000 + int((found[2] or "").ljust(3, "0"))


def optional_ms(text: str | None) -> int | None:
    return None if text is None or text == "0s" else ms(text)


def back_off(found: dict[str, str]) -> tuple[int, int]:
    return ms(found["base_interval"]), ms(found["max_interval"])


def shedding(found: dict[str, Any]) -> tuple[float, int]:
    config = found["typed_config"]
    return float(config["sr_threshold"]["default_value"]["value"]), ms(config["sampling_window"])


def rating(found: dict[str, Any]) -> tuple[F, int]:
    """Of a filter that limits everything, always: both shares are 0 where they are not said."""
    config = found["typed_config"]
    for name in ("filter_enabled", "filter_enforced"):
        assert config[name]["default_value"] == {"numerator": 100, "denominator": "HUNDRED"}
    bucket = config["token_bucket"]
    interval = ms(bucket["fill_interval"])
    assert interval >= 50, "Envoy refuses shorter ones"
    return F(bucket["tokens_per_fill"] * 1000, interval), bucket["max_tokens"]


def warming(cluster: dict[str, Any]) -> tuple[int, float] | None:
    found = cluster.get(f"{cluster['lb_policy'].lower()}_lb_config", {}).get("slow_start_config")
    if found is None:
        return None
    assert found["aggression"]["default_value"] == 1
    return ms(found["slow_start_window"]), float(found["min_weight_percent"]["value"])


def names_of(extensions: list[Any]) -> set[str]:
    return {one["name"] for one in extensions}


def of_envoy(plan: Plan) -> dict[str, Said]:
    body = read(plan, "envoy/")["envoy/envoy.json"]["static_resources"]
    clusters = {one["name"]: one for one in body["clusters"]}
    names = {
        "LEAST_REQUEST": "least loaded",
        "ROUND_ROBIN": "round robin",
        "RANDOM": "random",
        "RING_HASH": "by header",
    }
    said = {}
    for listener in body["listeners"]:
        manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
        (route,) = manager["route_config"]["virtual_hosts"][0]["routes"]
        action, cluster = route["route"], clusters[route["route"]["cluster"]]
        retry = action.get("retry_policy", {})
        (limits,) = cluster["circuit_breakers"]["thresholds"]
        outlier = cluster.get("outlier_detection", {})
        by_errors = bool(outlier) and outlier["enforcing_consecutive_5xx"] == 100
        by_share = bool(outlier) and outlier["enforcing_failure_percentage"] == 100
        sheds = [one for one in manager["http_filters"] if one["name"] == "envoy.filters.http.admission_control"]
        rates = [one for one in manager["http_filters"] if one["name"] == "envoy.filters.http.local_ratelimit"]
        bounds = [limits[key] for key in ("max_pending_requests", "max_requests", "max_connections")]
        said[listener["name"]] = Said(
            timeout_ms=optional_ms(action["timeout"]),
            attempts=retry.get("num_retries", 0),
            try_timeout_ms=optional_ms(retry.get("per_try_timeout")),
            back_off_ms=back_off(retry["retry_back_off"]) if retry else None,
            budget_percent=limits.get("retry_budget", {}).get("budget_percent", {}).get("value"),
            limits=(_bound(bounds[0]), _bound(bounds[1]), _bound(bounds[2])),
            errors=outlier["consecutive_5xx"] if by_errors else None,
            failure_percent=outlier["failure_percentage_threshold"] if by_share else None,
            ejected_percent=outlier.get("max_ejection_percent"),
            ejected_ms=(ms(outlier["base_ejection_time"]), ms(outlier["max_ejection_time"])) if outlier else None,
            interval_ms=optional_ms(outlier.get("interval")),
            shed=shedding(sheds[0]) if sheds else None,
            admit=rating(rates[0]) if rates else None,
            warm_up=warming(cluster),
            balancer=names[cluster["lb_policy"]],
            header=action["hash_policy"][0]["header"]["header_name"] if "hash_policy" in action else None,
            elsewhere=PREVIOUS_HOSTS in names_of(retry.get("retry_host_predicate", [])),
        )
    return said


def _bound(value: int) -> int | None:
    return None if value == UNLIMITED else value


def of_istio(plan: Plan) -> dict[str, Said]:
    bodies = read(plan, "istio/").values()
    routes = {
        route["name"]: route for one in bodies if one["kind"] == "VirtualService" for route in one["spec"]["http"]
    }
    filters = {one["metadata"]["name"]: one["spec"] for one in bodies if one["kind"] == "EnvoyFilter"}
    names = {"LEAST_REQUEST": "least loaded", "ROUND_ROBIN": "round robin", "RANDOM": "random"}
    said = {}
    for rule in (one for one in bodies if one["kind"] == "DestinationRule"):
        name, policy = rule["metadata"]["name"], rule["spec"]["trafficPolicy"]
        route, patches = routes[name], filters.get(name, {}).get("configPatches", [])
        values = [patch["patch"]["value"] for patch in patches]
        retries, outlier = route["retries"], policy.get("outlierDetection", {})
        ours: dict[str, Any] = {}
        wait = (ms(retries["backoff"]), 10 * ms(retries["backoff"])) if retries["attempts"] else None
        shed, admit = None, None
        added: set[str] = set()
        for value in values:
            ours |= value.get("outlier_detection", {})
            if "route" in value:
                policy_of_retries = value["route"]["retry_policy"]
                added |= names_of(policy_of_retries.get("retry_host_predicate", []))
                if "retry_back_off" in policy_of_retries:
                    wait = back_off(policy_of_retries["retry_back_off"])
            if str(value.get("name")).startswith("seatrial.shed."):
                shed = shedding(value)
            if str(value.get("name")).startswith("seatrial.admit."):
                admit = rating(value)
        http = policy.get("connectionPool", {}).get("http", {})
        hashed = policy["loadBalancer"].get("consistentHash")
        warm = policy["loadBalancer"].get("warmup")
        assert warm is None or warm["aggression"] == 1
        said[name] = Said(
            timeout_ms=optional_ms(route.get("timeout")),
            attempts=retries["attempts"],
            try_timeout_ms=optional_ms(retries.get("perTryTimeout")),
            back_off_ms=wait,
            budget_percent=policy.get("retryBudget", {}).get("percent"),
            limits=(
                http.get("http1MaxPendingRequests"),
                http.get("http2MaxRequests"),
                policy.get("connectionPool", {}).get("tcp", {}).get("maxConnections"),
            ),
            errors=outlier.get("consecutive5xxErrors") or None,
            failure_percent=ours["failure_percentage_threshold"] if "enforcing_failure_percentage" in ours else None,
            ejected_percent=outlier.get("maxEjectionPercent"),
            ejected_ms=(ms(outlier["baseEjectionTime"]), ms(ours["max_ejection_time"])) if outlier else None,
            interval_ms=optional_ms(outlier.get("interval")),
            shed=shed,
            admit=admit,
            warm_up=None if warm is None else (ms(warm["duration"]), float(warm["minimumPercent"])),
            balancer="by header" if hashed else names[policy["loadBalancer"]["simple"]],
            header=hashed["httpHeaderName"] if hashed else None,
            # Istio's own retries look elsewhere unless a hash picks the host.
            elsewhere=retries["attempts"] > 0 and (not hashed or PREVIOUS_HOSTS in added),
        )
    return said


@pytest.mark.parametrize("case", PLANS)
def test_envoy_says_of_each_call_what_the_plan_says(case: str) -> None:
    plan = PLANS[case]()
    assert of_envoy(plan) == {call.name: of_plan(call) for call in plan.calls}


@pytest.mark.parametrize("case", PLANS)
def test_istio_says_of_each_call_what_the_plan_says(case: str) -> None:
    plan = PLANS[case]()
    assert of_istio(plan) == {call.name: of_plan(call) for call in plan.calls}
