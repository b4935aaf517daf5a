"""Defaults of Istio and Envoy that would change what a clause means, each held off."""

from __future__ import annotations

from fractions import Fraction as F
from typing import Any

import pytest

from seatrial.compiler.model import CalleeKind, CallerKind, Route
from seatrial.compiler.plan import BreakPlan, LimitPlan, Plan, RetryPlan, ShedOnFailurePlan
from seatrial.compiler.plan_rates import AdmitPlan, WarmUpPlan
from seatrial.compiler.semantics.outlier import ejectable
from seatrial.targets import emit_all

from . import plans
from .emitted import CASES, read

RETRY = RetryPlan(2, F(25, 1000), F(250, 1000), F(1, 5))
BY_SHARE = BreakPlan(None, F(8, 10), F(30), F(1, 2), F(30))


def between(**changes: object) -> Plan:
    return plans.fleet(pools=(plans.pool("a"), plans.pool("b")), calls=(plans.call("a", "b", **changes),))


def policy(plan: Plan, name: str = "a--b") -> Any:
    return read(plan, "istio/", ("istio",))[f"istio/{name}-destination.yaml"]["spec"]["trafficPolicy"]


def route(plan: Plan, name: str = "a--b") -> Any:
    bodies = read(plan, "istio/", ("istio",)).values()
    routes = [one for body in bodies if body["kind"] == "VirtualService" for one in body["spec"]["http"]]
    return next(one for one in routes if one["name"] == name)


def patches(plan: Plan, name: str = "a--b") -> list[Any]:
    found = read(plan, "istio/", ("istio",)).get(f"istio/{name}-filter.yaml")
    return [] if found is None else [one["patch"]["value"] for one in found["spec"]["configPatches"]]


def every(kind: str) -> list[Any]:
    """The documents of a kind of every plan that tests have."""
    bodies = (body for make in CASES.values() for body in read(make(), "istio/", ("istio",)).values())
    return [body["spec"] for body in bodies if body["kind"] == kind]


def test_an_ejection_of_nobody_is_left_out_since_0_per_cent_means_10() -> None:
    plan = between(breaker=BreakPlan(5, None, F(10), F(9, 1000), F(30)))
    assert "outlierDetection" not in policy(plan)
    assert "ST7010" in {one.code for one in emit_all(plan, ("istio",))[1]}


@pytest.mark.parametrize(
    ("percent", "out"), [(10, 0), (16, 0), (17, 1), (33, 1), (34, 2), (50, 3)], ids=lambda value: str(value)
)
def test_shares_are_rounded_down_as_envoy_was_measured_to(percent: int, out: int) -> None:
    found = policy(between(breaker=BreakPlan(5, None, F(10), F(percent, 100), F(30))))["outlierDetection"]
    assert ejectable(6, found["maxEjectionPercent"]) == out


def test_local_failures_are_counted_with_the_others() -> None:
    """`consecutiveLocalOriginFailures` is refused unless origins are split, and split they would count apart."""
    for spec in every("DestinationRule"):
        found = spec["trafficPolicy"].get("outlierDetection", {})
        assert not {"splitExternalLocalOriginErrors", "consecutiveLocalOriginFailures"} & found.keys()


def test_a_break_by_share_turns_five_errors_in_a_row_off() -> None:
    assert policy(between(breaker=BY_SHARE))["outlierDetection"]["consecutive5xxErrors"] == 0


def test_below_80_per_cent_success_is_20_per_cent_failures_enforced() -> None:
    (value,) = (one["outlier_detection"] for one in patches(between(breaker=BY_SHARE)))
    assert (value["failure_percentage_threshold"], value["enforcing_failure_percentage"]) == (20, 100)
    # By default fewer than five hosts, or fifty requests to a host, are never judged.
    assert (value["failure_percentage_minimum_hosts"], value["failure_percentage_request_volume"]) == (1, 10)


def test_an_ejection_does_not_grow_and_is_not_held_back() -> None:
    (value,) = patches(between(breaker=BreakPlan(5, None, F(10), F(1, 2), F(45))))
    assert value["outlier_detection"]["max_ejection_time"] == "45s"
    assert value["common_lb_config"]["update_merge_window"] == "0.001s"


def test_when_all_are_out_nobody_is_called() -> None:
    """Istio sets the panic threshold to `minHealthPercent`, 0 if not written; the local Envoy is told."""
    for spec in every("DestinationRule"):
        assert "minHealthPercent" not in spec["trafficPolicy"].get("outlierDetection", {})
    for make in CASES.values():
        resources = read(make(), "envoy/", ("envoy",))["envoy/envoy.json"]["static_resources"]
        for cluster in resources["clusters"]:
            assert cluster["common_lb_config"]["healthy_panic_threshold"] == {"value": 0}


def test_each_limit_that_is_stated_is_a_limit_of_the_connection_pool() -> None:
    """Without one there is none: Istio writes 2^32-1."""
    assert policy(between(limit=LimitPlan(1, 2, 3)))["connectionPool"] == {
        "tcp": {"maxConnections": 3},
        "http": {"http1MaxPendingRequests": 1, "http2MaxRequests": 2},
    }
    assert "connectionPool" not in policy(between())


def test_no_route_has_istios_two_retries() -> None:
    assert route(between())["retries"] == {"attempts": 0}
    assert all("attempts" in one["retries"] for spec in every("VirtualService") for one in spec["http"])


def test_the_time_of_a_try_bounds_a_call_that_is_never_retried() -> None:
    """`perTryTimeout` goes with the retry policy, which Istio drops at 0 attempts."""
    found = route(between(timeout_seconds=F(4), try_timeout_seconds=F(1)))
    assert (found["timeout"], found["retries"]) == ("1s", {"attempts": 0})


def test_the_time_of_a_try_stays_one_where_there_is_a_second() -> None:
    found = route(between(timeout_seconds=F(4), try_timeout_seconds=F(1), retry=RETRY))
    assert (found["timeout"], found["retries"]["perTryTimeout"]) == ("4s", "1s")


def test_a_retry_budget_states_its_share_and_no_subset_can_lose_it() -> None:
    assert policy(between(retry=RETRY))["retryBudget"] == {"percent": 20, "minRetryConcurrency": 3}
    for spec in every("DestinationRule"):
        assert "subsets" not in spec
        assert "percent" in spec["trafficPolicy"].get("retryBudget", {"percent": 0})


def test_a_budget_without_retries_is_no_budget() -> None:
    assert "retryBudget" not in policy(between(retry=RetryPlan(0, F(1, 40), F(1, 4), F(1, 5))))


def test_no_route_injects_faults_which_retries_would_hide() -> None:
    """Faults are a trial's, in the local Envoy, in front of the router: what they abort is not retried."""
    assert all("fault" not in one for spec in every("VirtualService") for one in spec["http"])
    body = read(between(retry=RETRY), "envoy/", ("envoy",))["envoy/envoy.json"]["static_resources"]
    names = [
        one["name"] for one in body["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]["http_filters"]
    ]
    assert names.index("envoy.filters.http.fault") < names.index("envoy.filters.http.router")


def test_callers_do_not_keep_to_their_own_zone() -> None:
    """Outlier detection switches Istio's locality failover on, and a small zone would carry all of its callers."""
    for spec in every("DestinationRule"):
        assert spec["trafficPolicy"]["loadBalancer"]["localityLbSetting"] == {"enabled": False}


def test_agents_that_are_ready_count_as_whole_ones_unless_a_caller_warms_them_up() -> None:
    assert "warmup" not in policy(between())["loadBalancer"]
    found = policy(between(warm_up=WarmUpPlan(F(30), F(1, 5))))["loadBalancer"]
    # `warmupDurationSecs` has no least part, and Istio's own is 10 %.
    assert found["warmup"] == {"duration": "30s", "minimumPercent": 20, "aggression": 1}
    assert "warmupDurationSecs" not in found


def test_an_update_waits_until_new_agents_carry_their_part() -> None:
    """Else all old agents are gone while the new ones still get a tenth."""

    def spec(seconds: F) -> Any:
        plan = between(warm_up=WarmUpPlan(seconds, F(1, 5)))
        found = {
            body["metadata"]["name"]: body
            for body in read(plan, "kubernetes/", ("kubernetes",)).values()
            if body.get("kind") == "Deployment"
        }
        assert found["a"]["spec"]["minReadySeconds"] == 35, "its own drain"
        return found["b"]["spec"]

    assert spec(F(121, 2))["minReadySeconds"] == 61
    assert spec(F(599))["progressDeadlineSeconds"] == 600
    # The API server refuses a deadline that is not above it, and has 600 s by itself.
    assert spec(F(600))["progressDeadlineSeconds"] > 600


def test_a_rate_is_a_bucket_of_one_call_that_is_filled_at_once_and_enforced() -> None:
    added, switch = patches(between(admit=AdmitPlan(F(40), 80)))
    assert (added["name"], added["disabled"]) == ("seatrial.admit.a--b", True)
    config = added["typed_config"]
    assert config["token_bucket"] == {"max_tokens": 80, "tokens_per_fill": 2, "fill_interval": "0.05s"}
    for name in ("filter_enabled", "filter_enforced"):
        assert config[name]["default_value"] == {"numerator": 100, "denominator": "HUNDRED"}
    assert switch == {
        "typed_per_filter_config": {
            added["name"]: {"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "config": {}}
        }
    }


def test_what_a_rate_refuses_is_no_failure_for_shedding() -> None:
    """Filters stand in the order in which they are put before the router."""
    found = patches(between(admit=AdmitPlan(F(40), 80), shed_on_failure=ShedOnFailurePlan(F(7, 10), F(30))))
    names = [one["name"] for one in found if "name" in one]
    assert names == ["seatrial.admit.a--b", "seatrial.shed.a--b"]
    body = read(between(admit=AdmitPlan(F(40), 80), shed_on_failure=ShedOnFailurePlan(F(7, 10), F(30))), "envoy/")
    (listener,) = body["envoy/envoy.json"]["static_resources"]["listeners"]
    filters = listener["filter_chains"][0]["filters"][0]["typed_config"]["http_filters"]
    assert [one["name"].rpartition(".")[2] for one in filters] == [
        "local_ratelimit",
        "admission_control",
        "fault",
        "router",
    ]


def test_a_retry_of_a_call_by_header_goes_to_another_host() -> None:
    by_header: dict[str, object] = {"route": Route.BY_HEADER, "route_header": "x-id"}
    (value,) = patches(between(retry=RETRY, **by_header))
    (predicate,) = value["route"]["retry_policy"]["retry_host_predicate"]
    assert predicate["name"] == "envoy.retry_host_predicates.previous_hosts"
    assert patches(between(**by_header)) == []


def test_a_back_off_keeps_its_cap() -> None:
    (value,) = patches(between(retry=RetryPlan(2, F(1, 10), F(2, 10), None)))
    assert value["route"]["retry_policy"]["retry_back_off"] == {"base_interval": "0.1s", "max_interval": "0.2s"}


def test_shedding_writes_its_window_share_and_the_part_that_still_passes() -> None:
    found = patches(between(shed_on_failure=ShedOnFailurePlan(F(7, 10), F(30))))
    config = next(one["typed_config"] for one in found if "typed_config" in one)
    assert config["sampling_window"] == "30s"
    assert config["sr_threshold"]["default_value"]["value"] == 70
    assert config["max_rejection_probability"]["default_value"]["value"] == 80


def test_an_unstated_time_is_none_and_not_envoys_15_seconds() -> None:
    assert "timeout" not in route(between())
    body = read(between(), "envoy/", ("envoy",))["envoy/envoy.json"]["static_resources"]
    manager = body["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]
    assert manager["route_config"]["virtual_hosts"][0]["routes"][0]["route"]["timeout"] == "0s"


def test_hosts_are_whole_names() -> None:
    """A short one is read in the namespace of the rule."""
    calls = (
        plans.call("d", "a", caller_kind=CallerKind.DEMAND),
        plans.call("a", "llm", callee_kind=CalleeKind.DEPENDENCY),
    )
    plan = plans.fleet(
        demands=(plans.demand("d"),), dependencies=(plans.dependency("llm"),), pools=(plans.pool("a"),), calls=calls
    )
    bodies = [one for one in read(plan, "istio/", ("istio",)).values() if one["kind"] == "DestinationRule"]
    assert {one["spec"]["host"] for one in bodies} == {"a.support.svc.cluster.local", "llm.dependency.internal"}


def test_nothing_measures_its_own_latency_to_shed_by() -> None:
    """Adaptive concurrency probes for the least latency, and refuses most requests while it does."""
    for make in CASES.values():
        for folder in ("istio/", "envoy/"):
            assert "adaptive_concurrency" not in str(read(make(), folder))
