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

from seatrial.compiler.plan import DependencyPlan, Plan
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..base import Document, Emitted, Json, Object
from ..models import TENANT_HEADER, Limit, limits, longest_timeout, models, moved, of_quotas
from ..names import metadata
from ..quantity import by_units

FOLDER = "ai-gateway"

GATEWAY = "models"
"""The Gateway that the routes are attached to; the user's."""

MODEL_HEADER = "x-ai-eg-model"
"""Set by the gateway from the `model` of the request's body."""

_GROUP = "gateway.networking.k8s.io"
_COST = "tokens"
_NAMESPACE = "io.envoy.ai_gateway"


@dataclass(frozen=True, slots=True)
class AiGatewayEmitter:
    @property
    def name(self) -> str:
        return FOLDER

    def emit(self, plan: Plan) -> Emitted:
        found = models(plan)
        documents: list[Document] = []
        other: list[Diagnostic] = []
        for one in found:
            documents.append(Document(f"{FOLDER}/{one.name}-route.yaml", _route(plan, one)))
            if counts := limits(plan, one):
                rules: list[Json] = [_rule(limit) for limit in counts]
                documents.append(Document(f"{FOLDER}/{one.name}-limits.yaml", _limits(plan, one, rules)))
                other += moved(counts, one.name, FOLDER)
        return tuple(documents), (*_placeholders(found), *of_quotas(plan, FOLDER), *other)


def _route(plan: Plan, model: DependencyPlan) -> Object:
    header: Object = {"type": "Exact", "name": MODEL_HEADER, "value": model.name}
    rule: Object = {"matches": [{"headers": [header]}], "backendRefs": [{"name": model.name}]}
    longest = longest_timeout(plan, model.name)
    if longest is not None:
        rule["timeouts"] = {"request": by_units(longest)}
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


def _rule(limit: Limit) -> Object:
    chosen: Object = {}
    if limit.tenant is not None:
        header: Object = {"type": "Exact", "name": TENANT_HEADER, "value": limit.tenant}
        chosen = {"clientSelectors": [{"headers": [header]}]}
    found: Object = {**chosen, "limit": {"requests": limit.most, "unit": limit.unit.capitalize()}, "shared": True}
    if limit.what == "tokens":
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
