"""What gateways of language models are told of quotas and budgets, whichever gateway it is.

Turns a quota into a hard limit for each tenant, and the plan's dependencies into those that are models. Invariant: hard
limits never add up to more than the quota where each tenant is sure of a part; what a gateway counts after the answer
overshoots by what the checker reckons (`QuotaPlan.overshoot`), and is told.

Sources: Envoy Gateway "Global Rate Limit" and Envoy AI Gateway "Usage-based rate limiting" (charged as the response
ends); agentgateway, `AgentgatewayPolicy`, `traffic.rateLimit` (the same); LiteLLM "Budgets, Rate Limits" (the same).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from seatrial.compiler.model import CalleeKind
from seatrial.compiler.model.money import Fairness
from seatrial.compiler.plan import CallPlan, DependencyPlan, Plan
from seatrial.compiler.plan_money import QuotaPlan, TenantPlan
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity
from seatrial.dsl.source import Span

from .quantity import number

TENANT_HEADER = "x-tenant-id"
"""By which callers say for whom they ask. A gateway must not take it from strangers."""

MOST = (1 << 32) - 1
"""What the rate limit service of Envoy counts to in a period: `requests_per_unit` is a uint32."""

_UNITS = ((1, "second"), (60, "minute"), (3600, "hour"), (86400, "day"), (30 * 86400, "month"))
"""The periods of the rate limit service (`utils.UnitToDivider`); its month has 30 days, the language's 730 h."""


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` tokens or requests of a model in each `unit`: of all, or of one tenant.

    `stated_seconds`: the period in the spec; another one is written where `most` would not fit its field, or would be
    less than one.
    """

    of: str
    what: str
    most: int
    unit: str
    stated_seconds: int
    tenant: str | None
    at: Span

    @property
    def is_moved(self) -> bool:
        return self.unit != _of_period(self.stated_seconds)[1]


def models(plan: Plan) -> tuple[DependencyPlan, ...]:
    """Dependencies that count tokens in any clause, and so are taken to be models."""
    counted = {one.dependency for one in plan.quotas if one.what == "tokens"}
    counted |= {call.callee for call in plan.calls if call.tokens_per_call is not None}
    return tuple(
        one
        for one in plan.dependencies
        if one.name in counted or one.tokens_per_second is not None or one.dollars_per_token is not None
    )


def callers(plan: Plan, dependency: str) -> tuple[CallPlan, ...]:
    return tuple(call for call in plan.calls if call.callee_kind is CalleeKind.DEPENDENCY and call.callee == dependency)


def longest_timeout(plan: Plan, dependency: str) -> Fraction | None:
    """Seconds, of all callers' timeouts; None where one states none."""
    times = [call.timeout_seconds for call in callers(plan, dependency)]
    stated = [time for time in times if time is not None]
    return max(stated) if stated and len(stated) == len(times) else None


def is_split(quota: QuotaPlan) -> bool:
    """Whether each tenant is sure of a part, which can be its hard limit."""
    return bool(quota.tenants) and all(one.guaranteed_per_second for one in quota.tenants)


def hard_limit(quota: QuotaPlan, tenant: TenantPlan) -> Fraction:
    """Per second: what it is sure of where all tenants are sure of something, else its ceiling, or the whole."""
    if is_split(quota) and tenant.guaranteed_per_second is not None:
        return tenant.guaranteed_per_second
    return quota.per_second * (Fraction(1) if tenant.ceiling is None else tenant.ceiling)


def counted(per_second: Fraction, seconds: int) -> int:
    """Whole tokens or requests of a period, rounded down, at least 1: 0 would shut a tenant out."""
    return max(1, floor(per_second * seconds))


def limits(plan: Plan, model: DependencyPlan) -> tuple[Limit, ...]:
    """What the model gives, then each quota as a whole, then its tenants' parts."""
    found: list[Limit] = []
    for what, rate, seconds in (
        ("tokens", model.tokens_per_second, model.tokens_period_seconds),
        ("requests", model.requests_per_second, model.requests_period_seconds),
    ):
        if rate is not None:
            found.append(_limit("limit", what, rate, seconds, None, model.origin))
    for quota in plan.quotas:
        if quota.dependency == model.name:
            said = ("quota", quota.what)
            found.append(_limit(*said, quota.per_second, quota.period_seconds, None, quota.origin))
            for one in quota.tenants:
                found.append(_limit(*said, hard_limit(quota, one), quota.period_seconds, one.name, quota.origin))
    return tuple(found)


def _limit(of: str, what: str, rate: Fraction, seconds: int, tenant: str | None, at: Span) -> Limit:
    """By the stated period, or by the next that keeps the number at one or more and within its field."""
    period = next((one for one in _UNITS if one >= _of_period(seconds) and rate * one[0] >= 1), _UNITS[-1])
    fitting = [one for one in _UNITS if one <= period and counted(rate, one[0]) <= MOST]
    length, unit = fitting[-1] if fitting else _UNITS[0]
    return Limit(of, what, min(counted(rate, length), MOST), unit, seconds, tenant, at)


def _of_period(seconds: int) -> tuple[int, str]:
    return next((one for one in _UNITS if one[0] == seconds), _UNITS[-1])


def moved(found: tuple[Limit, ...], model: str, target: str) -> Iterator[Diagnostic]:
    for one in {limit.at: limit for limit in found if limit.is_moved}.values():
        shorter = {unit: length for length, unit in _UNITS}[one.unit] < one.stated_seconds
        why = f"more than {MOST}, the most that the gateway's field holds" if shorter else "less than one"
        yield Diagnostic(
            "ST7085",
            Severity.NOTE,
            f"{target}: the {one.of} of {model} is counted by the {one.unit}",
            (Label(one.at),),
            notes=(f"in {one.stated_seconds} s it is {why}",),
        )


def of_quotas(plan: Plan, target: str) -> Iterator[Diagnostic]:
    """What a gateway's counting makes of each quota of a model."""
    known = {one.name for one in models(plan)}
    for quota in plan.quotas:
        if quota.dependency in known:
            yield from _after_the_answer(quota, target)
            yield from _not_lent(quota, target)


def _after_the_answer(quota: QuotaPlan, target: str) -> Iterator[Diagnostic]:
    if quota.what != "tokens":
        return
    over = (
        f"{number(quota.overshoot)} tokens ({quota.in_hand} requests in hand)"
        if quota.overshoot is not None
        else f"the tokens of {quota.in_hand} requests in hand, which are not stated"
    )
    notes = [f"a period may end with {over} above the quota"]
    if quota.charge_after:
        notes.append("the spec charges after the call too, and what was proved counts them")
    yield Diagnostic(
        "ST7083",
        Severity.NOTE if quota.charge_after else Severity.WARNING,
        f"{target}: tokens of {quota.dependency} are charged after the answer",
        (Label(quota.origin),),
        notes=tuple(notes),
        help="" if quota.charge_after else "write `charge after the call`, so that the quota is checked with them",
    )


def _not_lent(quota: QuotaPlan, target: str) -> Iterator[Diagnostic]:
    if len(quota.tenants) < 2 or quota.fair is Fairness.FIRST_COME:
        return
    if is_split(quota):
        said = "each tenant's part is its limit, also while others leave theirs unused"
    else:
        said = "not every tenant is sure of a part: each is limited by its ceiling alone, and who asks first gets it"
    yield Diagnostic(
        "ST7084",
        Severity.NOTE,
        f"{target}: the quota of {quota.dependency} is not divided anew as tenants ask",
        (Label(quota.origin),),
        notes=(said, f"agents that read runtime/fleet.json can divide it {quota.fair.value}"),
    )
