"""Plan to Istio documents.

Turns the plan's calls into one file an object under `istio/`. Invariant: every call of the plan has a DestinationRule
and a named route, policy or not, so that no default of the mesh stands in for a clause.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seatrial.compiler.model import CalleeKind, CallerKind
from seatrial.compiler.plan import CallPlan, Plan

from ..base import Document, Emitted, Object
from ..limits import of_proxies
from .edges import entry
from .entries import service_entry
from .filters import envoy_filter
from .findings import of_mesh
from .routes import gateway, gateway_routes, mesh_routes
from .security import security
from .traffic import destination_rule


@dataclass(frozen=True, slots=True)
class IstioEmitter:
    """For sidecars and gateways of one namespace; see README.md for what the mesh must provide."""

    @property
    def name(self) -> str:
        return "istio"

    def emit(self, plan: Plan) -> Emitted:
        return tuple(_documents(plan)), (*of_proxies(plan, self.name), *of_mesh(plan))


def _documents(plan: Plan) -> Iterator[Document]:
    by_callee: dict[str, list[CallPlan]] = {}
    for call in plan.calls:
        if call.caller_kind is CallerKind.POOL:
            by_callee.setdefault(call.callee, []).append(call)
    called = {call.callee for call in plan.calls if call.callee_kind is CalleeKind.DEPENDENCY}
    for dependency in plan.dependencies:
        if dependency.name in called:
            yield _document(f"{dependency.name}-entry", service_entry(plan, dependency.name))
    for name, policy in security(plan):
        yield _document(name, policy)
    for demand in plan.demands:
        if (entering := entry(plan, demand)) is not None:
            yield _document(f"{demand.name}-gateway", gateway(plan, demand.name))
            yield _document(f"{demand.name}-routes", gateway_routes(plan, entering))
    for callee, incoming in by_callee.items():
        yield _document(f"{callee}-routes", mesh_routes(plan, incoming))
    for call in plan.calls:
        yield _document(f"{call.name}-destination", destination_rule(plan, call))
        if (body := envoy_filter(plan, call)) is not None:
            yield _document(f"{call.name}-filter", body)


def _document(name: str, body: Object) -> Document:
    return Document(f"istio/{name}.yaml", body)
