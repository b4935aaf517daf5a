"""What Dapr is told of a call, and what it is said to lack."""

from __future__ import annotations

from fractions import Fraction as F
from typing import Any

import pytest

from seatrial.compiler.model import CalleeKind, CallerKind, Route
from seatrial.compiler.plan import BreakPlan, LimitPlan, Plan, RetryPlan, ShedOnFailurePlan
from seatrial.targets import emit_all

from . import plans
from .emitted import read

BY_ERRORS = BreakPlan(5, None, F(10), F(1, 2), F(30))
BY_SHARE = BreakPlan(None, F(7, 8), F(20), F(1, 2), F(30))


def between(**changes: object) -> Plan:
    call = plans.call("a", "b", route=Route.ROUND_ROBIN, **changes)
    return plans.fleet(pools=(plans.pool("a"), plans.pool("b")), calls=(call,))


def of_model(**changes: object) -> Plan:
    call = plans.call("a", "llm", callee_kind=CalleeKind.DEPENDENCY, **changes)
    return plans.fleet(pools=(plans.pool("a"),), dependencies=(plans.dependency("llm"),), calls=(call,))


def policies(plan: Plan) -> Any:
    (body,) = read(plan, "dapr/", ("dapr",)).values()
    return body["spec"]["policies"]


def told(plan: Plan) -> tuple[str, ...]:
    return tuple(note for one in emit_all(plan, ("dapr",))[1] for note in one.notes)


def test_the_time_of_an_attempt_is_never_longer_than_that_of_the_call() -> None:
    retry = RetryPlan(2, F(1, 20), F(1, 20), None)
    assert policies(between(timeout_seconds=F(2), try_timeout_seconds=F(3)))["timeouts"] == {"b": "2s"}
    assert policies(between(timeout_seconds=F(2), try_timeout_seconds=F(1, 2), retry=retry))["timeouts"] == {
        "b": "0.5s"
    }
    assert told(between(timeout_seconds=F(2), try_timeout_seconds=F(1, 2), retry=retry)) == ()


def test_attempts_that_together_outlast_the_call_are_told_with_their_sum() -> None:
    retry = RetryPlan(2, F(1, 20), F(1, 20), None)
    (note,) = told(between(timeout_seconds=F(2), try_timeout_seconds=F(1), retry=retry))
    assert note == "timeout: it bounds each attempt alone; all together may take 3.1s, not 2s"


def test_a_call_without_a_time_has_none() -> None:
    assert "timeouts" not in policies(between())


def test_only_answers_of_500_and_above_are_retried() -> None:
    found = policies(between(retry=RetryPlan(1, F(1, 20), F(1), None)))["retries"]["b"]
    assert found == {
        "policy": "constant",
        "maxRetries": 1,
        "duration": "0.05s",
        "matching": {"httpStatusCodes": "500-599"},
    }


def test_a_break_on_a_pool_is_not_a_breaker_that_shuts_the_pool() -> None:
    assert "circuitBreakers" not in policies(between(breaker=BY_ERRORS))
    assert "break: " in told(between(breaker=BY_ERRORS))[0]


@pytest.mark.parametrize(
    ("breaker", "trip", "interval"),
    [
        (BY_ERRORS, "consecutiveFailures >= 5", "0s"),
        (BY_SHARE, "requests >= 10 && totalFailures * 8 > requests * 1", "20s"),
    ],
)
def test_a_break_on_a_dependency_is(breaker: BreakPlan, trip: str, interval: str) -> None:
    found = policies(of_model(breaker=breaker))["circuitBreakers"]["llm"]
    assert found == {"maxRequests": 1, "interval": interval, "timeout": "30s", "trip": trip}
    assert told(of_model(breaker=breaker)) == ()


def test_shedding_opens_for_as_long_as_it_looks_back() -> None:
    found = policies(between(shed_on_failure=ShedOnFailurePlan(F(7, 10), F(30))))["circuitBreakers"]["b"]
    assert (found["interval"], found["timeout"]) == ("30s", "30s")
    assert found["trip"].endswith("totalFailures * 10 > requests * 3")


@pytest.mark.parametrize(
    ("clause", "word"),
    [
        ({"limit": LimitPlan(10, None, None)}, "limit: "),
        ({"retry": RetryPlan(2, F(1, 20), F(1), None)}, "backoff: "),
        ({"retry": RetryPlan(2, F(1, 20), F(1, 20), F(1, 5))}, "budget: "),
        ({"route": Route.LEAST_LOADED}, "route least loaded: "),
    ],
)
def test_what_is_left_out_is_named(clause: dict[str, Any], word: str) -> None:
    call = plans.call("a", "b", **{"route": Route.ROUND_ROBIN, **clause})
    (note,) = told(plans.fleet(pools=(plans.pool("a"), plans.pool("b")), calls=(call,)))
    assert note.startswith(word)


def test_a_gateways_policy_is_told_to_be_none_of_daprs() -> None:
    call = plans.call("clicks", "a", caller_kind=CallerKind.DEMAND, timeout_seconds=F(1))
    plan = plans.fleet(demands=(plans.demand("clicks"),), pools=(plans.pool("a"),), calls=(call,))
    assert "gateway" in told(plan)[0]
    assert read(plan, "dapr/", ("dapr",)) == {}


def test_each_caller_reads_its_own_policies() -> None:
    found = read(plans.shared(), "dapr/", ("dapr",))
    assert {path: body["scopes"] for path, body in found.items()} == {
        "dapr/clerk-resiliency.yaml": ["clerk"],
        "dapr/solver-resiliency.yaml": ["solver"],
    }


def test_pods_ask_for_a_sidecar_that_the_quota_counts() -> None:
    names = ("kubernetes", "dapr")
    with_dapr, alone = (read(plans.shared(), "kubernetes/", one) for one in (names, ("kubernetes",)))
    template = with_dapr["kubernetes/clerk-deployment.yaml"]["spec"]["template"]["metadata"]
    assert template["annotations"]["dapr.io/app-id"] == "clerk"
    hard, before = (one["kubernetes/quota.yaml"]["spec"]["hard"] for one in (with_dapr, alone))
    # 26 pods with their surge, 100m requested and 300m at most for each sidecar.
    assert (before["requests.cpu"], hard["requests.cpu"], hard["limits.cpu"]) == ("2600m", "5200m", "10400m")


def test_closed_networks_let_the_sidecars_talk() -> None:
    found = read(plans.locked(), "kubernetes/", ("kubernetes", "dapr"))
    rules = found["kubernetes/desk-network.yaml"]["spec"]
    assert {port["port"] for port in rules["ingress"][0]["ports"]} == {8080, 50002}
