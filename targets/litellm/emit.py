"""Plan to LiteLLM's proxy.

Turns models into `litellm/config.yaml`, tenants and callers into the bodies of `/team/new` and `/key/generate`.
Invariant: LiteLLM neither retries nor puts a model aside by itself: its own defaults, which nobody checked, are off.

Sources: LiteLLM 1.109, "Proxy config", "Budgets, Rate Limits", `litellm/proxy/_types.py` (NewTeamRequest,
GenerateKeyRequest) and `litellm/types/router.py` (`enforce_model_rate_limits`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.compiler.model import Period, Scope
from seatrial.compiler.plan import BudgetPlan, DependencyPlan, Plan
from seatrial.compiler.plan_money import QuotaPlan
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..base import Document, Emitted, Json, Object
from ..models import callers, counted, hard_limit, longest_timeout, models, of_quotas
from ..quantity import number

FOLDER = "litellm"

_MINUTE = 60
"""LiteLLM counts requests and tokens by the minute."""

_PERIODS = {Period.HOUR: "1h", Period.DAY: "1d", Period.MONTH: "1mo"}


@dataclass(frozen=True, slots=True)
class LiteLlmEmitter:
    @property
    def name(self) -> str:
        return FOLDER

    def emit(self, plan: Plan) -> Emitted:
        found = models(plan)
        if not found:
            return (), ()
        documents = (
            Document(f"{FOLDER}/config.yaml", _config(plan, found)),
            Document(f"{FOLDER}/access.json", _access(plan, found)),
        )
        return documents, (*_placeholders(found), *of_quotas(plan, FOLDER), *_of_minutes(plan), *_of_budgets(plan))


def _config(plan: Plan, found: tuple[DependencyPlan, ...]) -> Object:
    settings: Object = {"num_retries": 0}
    if (budget := _budget(plan)) is not None:
        settings |= {"max_budget": _ceiling(plan, budget), "budget_duration": _PERIODS[budget.period]}
    return {
        "model_list": [_model(plan, one) for one in found],
        "router_settings": {
            # Each is on by default: two retries a request, and a pause of 5 s for a model that failed thrice.
            "num_retries": 0,
            "disable_cooldowns": True,
            # Else rpm and tpm of a model only guide its routing.
            "optional_pre_call_checks": ["enforce_model_rate_limits"],
        },
        "litellm_settings": settings,
        "general_settings": {
            "master_key": "os.environ/LITELLM_MASTER_KEY",
            "database_url": "os.environ/DATABASE_URL",
        },
    }


def _model(plan: Plan, one: DependencyPlan) -> Object:
    stem = one.name.upper().replace("-", "_")
    params: Object = {
        "model": f"os.environ/{stem}_MODEL",
        "api_base": f"os.environ/{stem}_API_BASE",
        "api_key": f"os.environ/{stem}_API_KEY",
        "max_retries": 0,
    }
    if one.requests_per_second is not None:
        params["rpm"] = counted(one.requests_per_second, _MINUTE)
    if one.tokens_per_second is not None:
        params["tpm"] = counted(one.tokens_per_second, _MINUTE)
    if one.dollars_per_token is not None:
        params["input_cost_per_token"] = params["output_cost_per_token"] = number(one.dollars_per_token)
    longest = longest_timeout(plan, one.name)
    if longest is not None:
        # Nobody waits longer: what runs on would cost tokens for an answer that none reads.
        params["timeout"] = number(longest)
    return {"model_name": one.name, "litellm_params": params}


def _access(plan: Plan, found: tuple[DependencyPlan, ...]) -> Object:
    """A team for each tenant; a key for each tenant, or for each caller where nobody shares."""
    teams: list[Json] = []
    keys: list[Json] = []
    for model in found:
        shared = [one for one in plan.quotas if one.dependency == model.name and one.tenants]
        for name in dict.fromkeys(tenant.name for quota in shared for tenant in quota.tenants):
            team = f"{model.name}--{name}"
            limits = {_FIELDS[quota.what]: _limit(quota, name) for quota in shared if _has(quota, name)}
            teams.append({"team_id": team, "team_alias": team, "models": [model.name], **limits})
            most = max(quota.in_hand for quota in shared)
            keys.append(_key(team, model.name, most, team=team))
        if not shared:
            for call in callers(plan, model.name):
                pool = plan.pool(call.caller)
                most = pool.agents_max * pool.concurrency
                keys.append(_key(call.name, model.name, most))
    return {"teams": teams, "keys": keys}


_FIELDS = {"tokens": "tpm_limit", "requests": "rpm_limit"}


def _has(quota: QuotaPlan, tenant: str) -> bool:
    return any(one.name == tenant for one in quota.tenants)


def _limit(quota: QuotaPlan, name: str) -> int:
    return counted(hard_limit(quota, next(one for one in quota.tenants if one.name == name)), _MINUTE)


def _key(alias: str, model: str, most: int, team: str | None = None) -> Object:
    """`most`: requests that its holders have in hand at once, beyond which nothing was proved."""
    owner: Object = {} if team is None else {"team_id": team}
    return {"key_alias": alias, **owner, "models": [model], "max_parallel_requests": most}


def _budget(plan: Plan) -> BudgetPlan | None:
    """The proxy has one: the tightest by the hour of those that count tokens alone."""
    mine = [one for one in plan.budgets if one.scope is Scope.TOKENS]
    return min(mine, key=lambda one: one.dollars / one.period.hours, default=None)


def _ceiling(plan: Plan, budget: BudgetPlan) -> int | float:
    """What is spent at most before the proxy refuses: where agents stop, what is in hand still fits above it."""
    for one in plan.divisions:
        if (one.scope, one.period, one.dollars) == (budget.scope, budget.period, budget.dollars):
            return number(budget.dollars if one.stop_at_dollars is None else one.stop_at_dollars)
    return number(budget.dollars)


def _placeholders(found: tuple[DependencyPlan, ...]) -> Iterator[Diagnostic]:
    for one in found:
        yield Diagnostic(
            "ST7082",
            Severity.NOTE,
            f"litellm: which model {one.name} is, and its key, come from the environment",
            (Label(one.origin),),
            notes=(f"set {one.name.upper().replace('-', '_')}_MODEL, …_API_BASE and …_API_KEY for the proxy",),
        )


def _of_minutes(plan: Plan) -> Iterator[Diagnostic]:
    for model in models(plan):
        for what, rate, seconds in (
            ("requests", model.requests_per_second, model.requests_period_seconds),
            ("tokens", model.tokens_per_second, model.tokens_period_seconds),
        ):
            if rate is not None and seconds != _MINUTE:
                yield Diagnostic(
                    "ST7085",
                    Severity.NOTE,
                    f"litellm: the {what} of {model.name} are counted by the minute",
                    (Label(model.origin),),
                    notes=(f"the spec counts them over {seconds} s; the rate is the same, the bursts are not",),
                )
    for quota in plan.quotas:
        parts = [quota.per_second, *(hard_limit(quota, one) for one in quota.tenants)]
        # A limit of less than one is written as one: 0 would shut a tenant out.
        raised = min(parts) * _MINUTE < 1
        if quota.period_seconds != _MINUTE or raised:
            yield Diagnostic(
                "ST7085",
                Severity.WARNING if raised else Severity.NOTE,
                f"litellm: the quota of {quota.dependency} is counted by the minute",
                (Label(quota.origin),),
                notes=(
                    "some part is less than one a minute, and one is the least that is written: it is too much"
                    if raised
                    else f"the spec counts it over {quota.period_seconds} s; the rate is the same, the bursts are not",
                ),
            )


def _of_budgets(plan: Plan) -> Iterator[Diagnostic]:
    written = _budget(plan)
    for one in plan.budgets:
        if one.scope.has_tokens and one is not written:
            why = (
                "the proxy sees tokens alone, and a budget of the whole counts machines too"
                if one.scope is Scope.TOTAL
                else "the proxy has one budget, and another one is tighter by the hour"
            )
            yield Diagnostic(
                "ST7086",
                Severity.NOTE,
                f"litellm: nothing watches the budget of {one.scope.value} for a {one.period.value}",
                (Label(one.origin),),
                notes=(why,),
            )
