"""Plan to Envoy AI Gateway.

Turns each model into an AIGatewayRoute that counts tokens, and its quotas into a BackendTrafficPolicy that limits them.
Invariant: a request is checked before it is let through and charged when its answer has ended, with what it cost.

Sources: Envoy AI Gateway 1.1, AIGatewayRoute v1beta1 (`llmRequestCosts`; its HTTPRoute has the same name) and
"Usage-based rate limiting"; Envoy Gateway, BackendTrafficPolicy (`rateLimit.global`: all rules that match apply;
`shared`: without it each route of a target counts by itself).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from seatrial.compiler.plan import DependencyPlan, Plan
from seatrial.compiler.plan_money import QuotaPlan, TenantPlan
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..base import Document, Emitted, Json, Object
from ..models import callers, counted, hard_limit, models, of_quotas
from ..names import metadata
from ..quantity import duration

FOLDER = "ai-gateway"

GATEWAY = "models"
"""The Gateway that the routes are attached to; the user's."""

MODEL_HEADER = "x-ai-eg-model"
"""Set by the gateway from the `model` of the request's body."""

TENANT_HEADER = "x-tenant-id"
"""By which callers say for whom they ask. The gateway must not take it from strangers."""

_GROUP = "gateway.networking.k8s.io"
_COST = "tokens"
_NAMESPACE = "io.envoy.ai_gateway"

_UNITS = {1: "Second", 60: "Minute", 3600: "Hour", 86400: "Day"}

_MONTH = 30 * 86400
"""What the rate limit service takes a month for (`utils.UnitToDivider`); the language has 730 h."""


@dataclass(frozen=True, slots=True)
class AiGatewayEmitter:
    @property
    def name(self) -> str:
        return FOLDER

    def emit(self, plan: Plan) -> Emitted:
        found = models(plan)
        documents: list[Document] = []
        for one in found:
            documents.append(Document(f"{FOLDER}/{one.name}-route.yaml", _route(plan, one)))
            if rules := _rules(plan, one):
                documents.append(Document(f"{FOLDER}/{one.name}-limits.yaml", _limits(plan, one, rules)))
        return tuple(documents), (*_placeholders(found), *of_quotas(plan, FOLDER))


def _route(plan: Plan, model: DependencyPlan) -> Object:
    header: Object = {"type": "Exact", "name": MODEL_HEADER, "value": model.name}
    rule: Object = {"matches": [{"headers": [header]}], "backendRefs": [{"name": model.name}]}
    times = [call.timeout_seconds for call in callers(plan, model.name)]
    stated = [time for time in times if time is not None]
    if stated and len(stated) == len(times):
        rule["timeouts"] = {"request": duration(max(stated))}
    spec: Object = {
        "parentRefs": [{"group": _GROUP, "kind": "Gateway", "name": GATEWAY}],
        "rules": [rule],
        "llmRequestCosts": [{"metadataKey": _COST, "type": "TotalToken"}],
    }
    return {
        "apiVersion": "aigateway.envoyproxy.io/v1beta1",
        "kind": "AIGatewayRoute",
        "metadata": metadata(plan, model.name),
        "spec": spec,
    }


def _limits(plan: Plan, model: DependencyPlan, rules: list[Json]) -> Object:
    spec: Object = {
        "targetRefs": [{"group": _GROUP, "kind": "HTTPRoute", "name": model.name}],
        "rateLimit": {"type": "Global", "global": {"rules": rules}},
    }
    return {
        "apiVersion": "gateway.envoyproxy.io/v1alpha1",
        "kind": "BackendTrafficPolicy",
        "metadata": metadata(plan, model.name),
        "spec": spec,
    }


def _rules(plan: Plan, model: DependencyPlan) -> list[Json]:
    """What the model gives by the minute, then each quota as a whole, then its tenants' parts."""
    rules: list[Json] = []
    for what, limit in (("tokens", model.tokens_per_second), ("requests", model.requests_per_second)):
        if limit is not None:
            rules.append(_rule(what, limit, 60))
    for quota in plan.quotas:
        if quota.dependency == model.name:
            rules.append(_rule(quota.what, quota.per_second, quota.period_seconds))
            rules += [_part(quota, tenant) for tenant in quota.tenants]
    return rules


def _part(quota: QuotaPlan, tenant: TenantPlan) -> Object:
    header: Object = {"type": "Exact", "name": TENANT_HEADER, "value": tenant.name}
    rule = _rule(quota.what, hard_limit(quota, tenant), quota.period_seconds)
    return {"clientSelectors": [{"headers": [header]}], **rule}


def _rule(what: str, per_second: Fraction, seconds: int) -> Object:
    """Counted over `seconds`, or over the month that the service knows."""
    unit, period = (_UNITS[seconds], seconds) if seconds in _UNITS else ("Month", _MONTH)
    found: Object = {"limit": {"requests": counted(per_second, period), "unit": unit}, "shared": True}
    if what == "tokens":
        found["cost"] = {
            # Nothing is taken as a request comes in; it is refused if nothing is left.
            "request": {"from": "Number", "number": 0},
            "response": {"from": "Metadata", "metadata": {"namespace": _NAMESPACE, "key": _COST}},
        }
    return found


def _placeholders(found: tuple[DependencyPlan, ...]) -> Iterator[Diagnostic]:
    for one in found:
        yield Diagnostic(
            "ST7082",
            Severity.NOTE,
            f"ai-gateway: Gateway {GATEWAY} and AIServiceBackend {one.name} are yours to set up",
            (Label(one.origin),),
            notes=("the spec names neither the provider of the model nor its key",),
        )
