"""What the Istio documents say, where a schema cannot judge."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from typing import Any

from seatrial.compiler.model import CallerKind
from seatrial.compiler.plan import BreakPlan, Plan, RetryPlan
from seatrial.targets.istio import IstioEmitter

from . import plans
from .emitted import read


def by_path(plan: Plan) -> dict[str, Any]:
    return read(plan, "istio/", ("istio",))


def codes(plan: Plan) -> list[str]:
    return [found.code for found in IstioEmitter().emit(plan)[1]]


def between(**changes: object) -> Plan:
    return plans.fleet(pools=(plans.pool("a"), plans.pool("b")), calls=(plans.call("a", "b", **changes),))


def test_two_callers_of_one_pool_have_policies_of_their_own() -> None:
    calls = (
        plans.call("a", "c", timeout_seconds=F(1), breaker=BreakPlan(5, None, F(10), F(1, 2), F(30))),
        plans.call("b", "c", timeout_seconds=F(2), retry=RetryPlan(1, F(1, 10), F(1), None)),
    )
    found = by_path(plans.fleet(pools=tuple(plans.pool(name) for name in "abc"), calls=calls))
    routes = found["istio/c-routes.yaml"]["spec"]["http"]
    assert [route.get("match", [{}])[0].get("sourceLabels") for route in routes] == [
        {"seatrial.dev/pool": "a"},
        {"seatrial.dev/pool": "b"},
        None,
    ]
    assert [route.get("timeout") for route in routes] == ["1s", "2s", None]
    rules = [found[f"istio/{caller}--c-destination.yaml"]["spec"] for caller in "ab"]
    assert [rule["workloadSelector"]["matchLabels"] for rule in rules] == [
        {"seatrial.dev/pool": "a"},
        {"seatrial.dev/pool": "b"},
    ]
    assert ["outlierDetection" in rule["trafficPolicy"] for rule in rules] == [True, False]


def test_no_route_leaves_retries_to_istios_default_of_two() -> None:
    for plan in (plans.support(), plans.small()):
        routes = [
            one for body in by_path(plan).values() if body["kind"] == "VirtualService" for one in body["spec"]["http"]
        ]
        assert routes
        assert all("attempts" in route["retries"] for route in routes)


def test_a_callee_has_one_virtual_service_and_a_last_route_for_strangers() -> None:
    for body in by_path(plans.support()).values():
        if body["kind"] == "VirtualService" and body["spec"]["gateways"] == ["mesh"]:
            *known, last = body["spec"]["http"]
            assert all("match" in route for route in known)
            assert "match" not in last
            assert last["retries"] == {"attempts": 0}


def test_a_call_that_istio_can_say_alone_has_no_filter() -> None:
    tenfold = RetryPlan(2, F(25, 1000), F(250, 1000), F(1, 5))
    assert not any(path.endswith("-filter.yaml") for path in by_path(between(retry=tenfold)))
    capped = replace(tenfold, backoff_cap_seconds=F(100, 1000))
    assert any(path.endswith("-filter.yaml") for path in by_path(between(retry=capped)))


def test_gateways_and_filters_of_a_demand_select_the_demands_gateway() -> None:
    eject = BreakPlan(None, F(9, 10), F(10), F(1, 2), F(30))
    call = plans.call("clicks", "worker", caller_kind=CallerKind.DEMAND, breaker=eject)
    found = by_path(replace(plans.small(), calls=(call,)))
    mine = {"seatrial.dev/demand": "clicks"}
    assert found["istio/clicks-gateway.yaml"]["spec"]["selector"] == mine
    body = found["istio/clicks--worker-filter.yaml"]["spec"]
    assert body["workloadSelector"]["labels"] == mine
    assert {patch["match"]["context"] for patch in body["configPatches"]} == {"GATEWAY"}


def test_only_called_dependencies_have_an_entry() -> None:
    found = by_path(plans.support())
    assert "istio/llm-entry.yaml" in found
    assert not any("postgres" in path for path in found)


def test_needs_from_outside_are_notes() -> None:
    assert {"ST7008", "ST7009", "ST7006", "ST7005"} == set(codes(plans.support()))
