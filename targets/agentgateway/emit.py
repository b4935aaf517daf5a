"""Plan to agentgateway.

Turns each model's limits and quotas into an AgentgatewayPolicy, and all of them into the configuration of the rate
limit service that counts for every proxy. Invariant: what a policy asks about is what the service has a limit for, by
the same domain and keys.

Sources: agentgateway 1.4, AgentgatewayPolicy v1alpha1 (`traffic.rateLimit.global`) and
`crates/agentgateway/src/http/remoteratelimit.rs` (tokens: asked with 0 before, charged after; a descriptor whose
expression has no value is left out); `localratelimit.rs` (one bucket in each proxy, never below nothing, so that it
forgives what a period overshoots: not used); envoyproxy/ratelimit, "Configuration".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from seatrial.compiler.plan import DependencyPlan, Plan
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..base import Document, Emitted, Json, Object
from ..models import TENANT_HEADER, Limit, limits, longest_timeout, models, moved, of_quotas
from ..names import metadata
from ..quantity import by_units, number
from ..render import to_yaml

FOLDER = "agentgateway"

SERVICE, PORT = "ratelimit", 8081
"""The rate limit service and its port for gRPC, as its own image has it; the user's, in the fleet's namespace."""

CONFIG = "ratelimit-config"
"""The ConfigMap that the service mounts as a folder of configuration."""

_SHORTEST = Fraction(1, 10)
"""Seconds: no shorter timeout is taken."""


@dataclass(frozen=True, slots=True)
class AgentgatewayEmitter:
    @property
    def name(self) -> str:
        return FOLDER

    def emit(self, plan: Plan) -> Emitted:
        found = models(plan)
        counted = {one.name: limits(plan, one) for one in found}
        documents = [
            Document(f"{FOLDER}/{one.name}-policy.yaml", _policy(plan, one, counted[one.name]))
            for one in found
            if counted[one.name]
        ]
        if documents:
            documents.append(Document(f"{FOLDER}/ratelimit.yaml", _service(plan, counted)))
        other = [told for one in found for told in moved(counted[one.name], one.name, FOLDER)]
        limited = tuple(one for one in found if counted[one.name])
        return tuple(documents), (
            *_placeholders(limited),
            *(told for one in limited for told in _short(plan, one)),
            *of_quotas(plan, FOLDER),
            *other,
        )


def _policy(plan: Plan, model: DependencyPlan, counted: tuple[Limit, ...]) -> Object:
    asked = dict.fromkeys((_key(model.name, one), one.what, one.tenant is not None) for one in counted)
    descriptors: list[Json] = [
        {"entries": [{"name": key, "expression": _expression(of_tenants)}], "unit": what.capitalize()}
        for key, what, of_tenants in asked
    ]
    traffic: Object = {
        "rateLimit": {
            "global": {
                "domain": plan.fleet,
                "backendRef": {"name": SERVICE, "port": PORT},
                # Without the service nobody counts, and what nobody counts is not what was proved.
                "failureMode": "FailClosed",
                "descriptors": descriptors,
            }
        }
    }
    longest = longest_timeout(plan, model.name)
    if longest is not None and longest >= _SHORTEST:
        traffic["timeouts"] = {"request": by_units(longest)}
    return {
        "apiVersion": "agentgateway.dev/v1alpha1",
        "kind": "AgentgatewayPolicy",
        "metadata": metadata(plan, model.name),
        "spec": {
            "targetRefs": [{"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "name": model.name}],
            "traffic": traffic,
        },
    }


def _short(plan: Plan, model: DependencyPlan) -> Iterator[Diagnostic]:
    longest = longest_timeout(plan, model.name)
    if longest is not None and longest < _SHORTEST:
        yield Diagnostic(
            "ST7022",
            Severity.NOTE,
            f"agentgateway: no timeout of {model.name} is written, {number(longest * 1000)} ms is too short",
            (Label(model.origin),),
            notes=(f"it takes none below {number(_SHORTEST * 1000)} ms; the callers' own proxies end the wait",),
        )


def _expression(of_tenants: bool) -> str:
    """CEL. For all requests the key alone tells what is counted, so its value is one for all."""
    return f'request.headers["{TENANT_HEADER}"]' if of_tenants else '"all"'


def _key(model: str, one: Limit) -> str:
    """One counter each: a quota by the hour and a limit by the minute must not meet in one."""
    whose = "-of-tenant" if one.tenant is not None else ""
    return f"{model}-{one.of}-{one.what}-by-{one.unit}{whose}"


def _service(plan: Plan, counted: dict[str, tuple[Limit, ...]]) -> Object:
    least: dict[tuple[str, str], Limit] = {}
    for model, found in counted.items():
        for one in found:
            at = (_key(model, one), one.tenant or "all")
            least[at] = min(one, least.get(at, one), key=lambda limit: limit.most)
    descriptors: list[Json] = [
        {"key": key, "value": value, "rate_limit": {"unit": one.unit, "requests_per_unit": one.most}}
        for (key, value), one in least.items()
    ]
    text = to_yaml({"domain": plan.fleet, "descriptors": descriptors})
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(plan, CONFIG),
        "data": {"config.yaml": text},
    }


def _placeholders(found: tuple[DependencyPlan, ...]) -> Iterator[Diagnostic]:
    for one in found:
        yield Diagnostic(
            "ST7082",
            Severity.NOTE,
            f"agentgateway: HTTPRoute {one.name}, its backend and the service {SERVICE} are yours to set up",
            (Label(one.origin),),
            notes=("the spec names neither the provider of the model nor its key",),
        )
