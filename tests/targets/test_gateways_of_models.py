"""Quotas and budgets of models, as LiteLLM and Envoy AI Gateway count them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as F
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from seatrial.compiler.lower import lower
from seatrial.compiler.model import Period, Scope
from seatrial.compiler.model.money import Fairness
from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import read as clauses_of
from seatrial.compiler.plan import BudgetPlan, Plan
from seatrial.compiler.plan_money import QuotaPlan
from seatrial.dsl.diagnostics import Severity
from seatrial.dsl.source import Source
from seatrial.targets import emit_all

from . import plans
from .emitted import read


def litellm(plan: Plan) -> tuple[Any, Any]:
    found = read(plan, "litellm/", ("litellm",))
    return found["litellm/config.yaml"], found["litellm/access.json"]


def limits(plan: Plan) -> list[Any]:
    body = read(plan, "ai-gateway/", ("ai-gateway",))["ai-gateway/llm-limits.yaml"]
    rules: list[Any] = body["spec"]["rateLimit"]["global"]["rules"]
    return rules


def with_quota(one: QuotaPlan) -> Plan:
    return replace(plans.shared(), quotas=(one,))


def codes(plan: Plan, name: str) -> dict[str, Severity]:
    return {one.code: one.severity for one in emit_all(plan, (name,))[1]}


def test_both_gateways_give_a_tenant_what_it_is_sure_of() -> None:
    plan = with_quota(plans.quota(plans.tenant("x", F(700_000, 60)), plans.tenant("y", F(300_000, 60))))
    teams = {one["team_alias"]: one["tpm_limit"] for one in litellm(plan)[1]["teams"]}
    assert teams == {"llm--x": 700_000, "llm--y": 300_000}
    parts = {
        rule["clientSelectors"][0]["headers"][0]["value"]: rule["limit"]
        for rule in limits(plan)
        if "clientSelectors" in rule
    }
    assert parts == {
        "x": {"requests": 700_000, "unit": "Minute"},
        "y": {"requests": 300_000, "unit": "Minute"},
    }


def test_where_one_is_sure_of_nothing_ceilings_are_the_limits() -> None:
    one = plans.quota(plans.tenant("x", F(0), ceiling=F(1, 4)), plans.tenant("y", F(0)), fair=Fairness.FIRST_COME)
    teams = {team["team_alias"]: team["tpm_limit"] for team in litellm(with_quota(one))[1]["teams"]}
    assert teams == {"llm--x": 250_000, "llm--y": 1_000_000}
    assert "ST7084" not in codes(with_quota(one), "litellm")


@given(st.lists(st.fractions(F(1, 100), F(10_000)), min_size=1, max_size=6))
def test_parts_that_fit_a_quota_fit_it_as_limits_too(sure: list[F]) -> None:
    tenants = [plans.tenant(f"t{index}", one) for index, one in enumerate(sure)]
    plan = with_quota(plans.quota(*tenants, per_second=sum(sure, F(0))))
    teams = litellm(plan)[1]["teams"]
    rounded_up = sum(1 for one in sure if one * 60 < 1)
    assert sum(team["tpm_limit"] for team in teams) <= sum(sure) * 60 + rounded_up


@pytest.mark.parametrize("target", ["litellm", "ai-gateway", "agentgateway"])
def test_what_is_charged_after_the_answer_is_told_with_its_overshoot(target: str) -> None:
    (found,) = (one for one in emit_all(plans.shared(), (target,))[1] if one.code == "ST7083")
    assert found.severity is Severity.NOTE
    assert "48000 tokens (80 requests in hand)" in found.notes[0]
    before = with_quota(plans.quota(plans.tenant("x", F(1)), charge_after=False))
    assert codes(before, target)["ST7083"] is Severity.WARNING
    requests = with_quota(plans.quota(plans.tenant("x", F(1)), what="requests"))
    assert "ST7083" not in codes(requests, target)


def test_tokens_are_charged_by_what_the_answer_cost_and_requests_as_they_come() -> None:
    whole = [rule for rule in limits(plans.shared()) if "clientSelectors" not in rule]
    assert [rule["limit"]["requests"] for rule in whole] == [2_000_000, 6_000, 1_000_000]
    assert ["cost" in rule for rule in whole] == [True, False, True]
    assert whole[0]["cost"]["request"] == {"from": "Number", "number": 0}
    assert all(rule["shared"] is True for rule in limits(plans.shared()))


def test_the_route_counts_under_the_key_that_the_limits_read() -> None:
    found = read(plans.shared(), "ai-gateway/", ("ai-gateway",))
    (cost,) = found["ai-gateway/llm-route.yaml"]["spec"]["llmRequestCosts"]
    assert cost["metadataKey"] == limits(plans.shared())[0]["cost"]["response"]["metadata"]["key"]
    (target,) = found["ai-gateway/llm-limits.yaml"]["spec"]["targetRefs"]
    assert target["name"] == found["ai-gateway/llm-route.yaml"]["metadata"]["name"]


@pytest.mark.parametrize(
    ("seconds", "unit", "most"),
    [(1, "Second", 10), (60, "Minute", 600), (3600, "Hour", 36_000), (2_628_000, "Month", 25_920_000)],
)
def test_a_period_is_counted_in_the_services_units(seconds: int, unit: str, most: int) -> None:
    plan = with_quota(plans.quota(per_second=F(10), period_seconds=seconds))
    assert limits(plan)[-1]["limit"] == {"requests": most, "unit": unit}


def test_litellm_neither_retries_nor_puts_a_model_aside() -> None:
    config, _ = litellm(plans.shared())
    router = config["router_settings"]
    assert (router["num_retries"], config["litellm_settings"]["num_retries"]) == (0, 0)
    assert router["disable_cooldowns"] is True
    assert [one["litellm_params"]["max_retries"] for one in config["model_list"]] == [0]


def test_limits_of_a_model_are_limits_and_not_hints() -> None:
    config, _ = litellm(plans.shared())
    (model,) = config["model_list"]
    assert (model["litellm_params"]["rpm"], model["litellm_params"]["tpm"]) == (6000, 2_000_000)
    assert config["router_settings"]["optional_pre_call_checks"] == ["enforce_model_rate_limits"]


def test_without_tenants_each_caller_has_a_key_for_what_it_has_in_hand() -> None:
    _, access = litellm(replace(plans.shared(), quotas=()))
    assert access["teams"] == []
    # Ten agents, eight requests in each.
    assert access["keys"] == [{"key_alias": "solver--llm", "models": ["llm"], "max_parallel_requests": 80}]


def test_the_tightest_budget_is_written_and_the_others_are_told() -> None:
    budgets = (
        BudgetPlan(Scope.TOKENS, F(24_000), Period.DAY, plans.AT),
        BudgetPlan(Scope.TOKENS, F(7_300), Period.MONTH, plans.AT),
        BudgetPlan(Scope.TOTAL, F(9_000), Period.MONTH, plans.AT),
        BudgetPlan(Scope.AGENTS, F(9_000), Period.MONTH, plans.AT),
    )
    plan = replace(plans.shared(), budgets=budgets)
    settings = litellm(plan)[0]["litellm_settings"]
    assert (settings["max_budget"], settings["budget_duration"]) == (7300, "1mo")
    assert [one.code for one in emit_all(plan, ("litellm",))[1]].count("ST7086") == 2


@pytest.mark.parametrize("target", ["litellm", "ai-gateway", "agentgateway"])
def test_without_a_model_nothing_is_written(target: str) -> None:
    documents, found = emit_all(plans.locked(), (target,))
    assert not [one for one in documents if one.path.startswith(target)]
    assert found == ()


@pytest.mark.parametrize(("per_second", "severity"), [(F(1, 3600), Severity.WARNING), (F(100), Severity.NOTE)])
def test_less_than_one_a_minute_is_told_to_be_raised(per_second: F, severity: Severity) -> None:
    plan = with_quota(plans.quota(plans.tenant("x", per_second), per_second=per_second, period_seconds=3600))
    assert codes(plan, "litellm")["ST7085"] is severity


def agentgateway(plan: Plan) -> tuple[Any, Any]:
    """A policy's traffic, and the configuration of the service that counts."""
    found = read(plan, "agentgateway/", ("agentgateway",))
    config = yaml.safe_load(found["agentgateway/ratelimit.yaml"]["data"]["config.yaml"])
    return found["agentgateway/llm-policy.yaml"]["spec"]["traffic"], config


def test_what_agentgateway_asks_about_is_what_the_service_has_a_limit_for() -> None:
    traffic, config = agentgateway(plans.shared())
    asked = traffic["rateLimit"]["global"]
    assert asked["domain"] == config["domain"]
    values: dict[str, set[str]] = {}
    for one in config["descriptors"]:
        values.setdefault(one["key"], set()).add(one["value"])
    entries = {entry["name"]: entry["expression"] for one in asked["descriptors"] for entry in one["entries"]}
    assert set(entries) == set(values)
    tenants = {key for key, expression in entries.items() if "x-tenant-id" in expression}
    assert {frozenset(values[key]) for key in tenants} == {frozenset({"acme", "zenith"})}
    assert all(values[key] == {"all"} for key in set(values) - tenants)


def test_agentgateway_counts_tokens_in_tokens_for_all_proxies_together() -> None:
    traffic, config = agentgateway(plans.shared())
    assert set(traffic["rateLimit"]) == {"global"}, "a local limit is one for each proxy"
    units = {one["entries"][0]["name"]: one["unit"] for one in traffic["rateLimit"]["global"]["descriptors"]}
    limits = {(one["key"], one["value"]): one["rate_limit"] for one in config["descriptors"]}
    assert limits == {
        ("llm-limit-tokens-by-minute", "all"): {"unit": "minute", "requests_per_unit": 2_000_000},
        ("llm-limit-requests-by-minute", "all"): {"unit": "minute", "requests_per_unit": 6_000},
        ("llm-quota-tokens-by-minute", "all"): {"unit": "minute", "requests_per_unit": 1_000_000},
        ("llm-quota-tokens-by-minute-of-tenant", "acme"): {"unit": "minute", "requests_per_unit": 500_000},
        ("llm-quota-tokens-by-minute-of-tenant", "zenith"): {"unit": "minute", "requests_per_unit": 500_000},
    }
    assert all(unit == ("Tokens" if "tokens" in name else "Requests") for name, unit in units.items())


@given(rate=st.fractions(F(1, 100), F(10**10)), seconds=st.sampled_from([1, 60, 3600, 86400, 2_628_000]))
def test_every_limit_fits_its_field_and_is_never_more_than_the_quota(rate: F, seconds: int) -> None:
    plan = with_quota(plans.quota(per_second=rate, period_seconds=seconds))
    length = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "month": 30 * 86400}
    for limit in (agentgateway(plan)[1]["descriptors"][-1]["rate_limit"], limits(plan)[-1]["limit"]):
        most = limit.get("requests_per_unit", limit.get("requests"))
        assert 1 <= most < 1 << 32
        assert most == 1 or F(most, length[limit["unit"].lower()]) <= rate


@pytest.mark.parametrize("target", ["ai-gateway", "agentgateway"])
def test_a_day_of_more_tokens_than_a_field_holds_is_counted_by_the_hour(target: str) -> None:
    plan = with_quota(plans.quota(per_second=F(100_000), period_seconds=86400))
    assert limits(plan)[-1]["limit"] == {"requests": 360_000_000, "unit": "Hour"}
    (told,) = (one for one in emit_all(plan, (target,))[1] if one.code == "ST7085")
    assert "counted by the hour" in told.message


def test_a_time_with_a_fraction_is_spelled_as_the_gateways_take_it() -> None:
    shared = plans.shared()
    calls = tuple(replace(one, timeout_seconds=F(3, 2)) if one.callee == "llm" else one for one in shared.calls)
    plan = replace(shared, calls=calls)
    route = read(plan, "ai-gateway/", ("ai-gateway",))["ai-gateway/llm-route.yaml"]
    assert route["spec"]["rules"][0]["timeouts"] == {"request": "1s500ms"}
    assert agentgateway(plan)[0]["timeouts"] == {"request": "1s500ms"}


@pytest.mark.parametrize(
    ("rate", "seconds", "expected"),
    [
        (F(100_000), 1, {"unit": "second", "requests_per_unit": 100_000}),
        (F(100), 60, {"unit": "minute", "requests_per_unit": 6_000}),
        (F(100, 3600), 3600, {"unit": "hour", "requests_per_unit": 100}),
        (F(1, 2), 1, {"unit": "minute", "requests_per_unit": 30}),
    ],
)
def test_a_limit_is_counted_by_the_period_that_the_spec_states(rate: F, seconds: int, expected: Any) -> None:
    model = plans.dependency("llm", requests_per_second=rate, requests_period_seconds=seconds, dollars_per_token=F(1))
    plan = replace(plans.shared(), dependencies=(model,), quotas=())
    assert agentgateway(plan)[1]["descriptors"][0]["rate_limit"] == expected
    assert limits(plan)[0]["limit"]["unit"].lower() == expected["unit"]
    assert ("ST7085" in codes(plan, "agentgateway")) is (rate < 1 and seconds == 1)
    assert ("ST7085" in codes(plan, "litellm")) is (seconds != 60)


def test_the_period_of_a_limit_comes_from_the_spec() -> None:
    text = "fleet f { dependency llm { limit 100_000 requests/s, 10M tokens/h } }"
    fleet, _ = resolve(clauses_of(Source("f.fleet", text)).clauses, {})
    assert fleet is not None
    (model,) = lower(fleet, (), "0", "0").dependencies
    assert (model.requests_period_seconds, model.tokens_period_seconds) == (1, 3600)


def test_a_model_without_a_limit_gets_no_document_and_no_word_about_one() -> None:
    model = plans.dependency("llm", dollars_per_token=F(1))
    documents, found = emit_all(replace(plans.shared(), dependencies=(model,), quotas=()), ("agentgateway",))
    assert not [one for one in documents if one.path.startswith("agentgateway/")]
    assert not [one for one in found if "agentgateway" in one.message]


@pytest.mark.parametrize(("timeout", "told"), [(F(90, 1000), True), (F(100, 1000), False), (None, False)])
def test_a_timeout_that_agentgateway_does_not_take_is_told(timeout: F | None, told: bool) -> None:
    shared = plans.shared()
    calls = tuple(replace(one, timeout_seconds=timeout) if one.callee == "llm" else one for one in shared.calls)
    plan = replace(shared, calls=calls)
    assert ("timeouts" in agentgateway(plan)[0]) is (timeout is not None and not told)
    assert [one.message for one in emit_all(plan, ("agentgateway",))[1] if one.code == "ST7022"] == (
        ["agentgateway: no timeout of llm is written, 90 ms is too short"] if told else []
    )
