"""Plan to Istio documents.

Turns the plan's calls into one file an object under `istio/`. Invariant: every call of the plan has a DestinationRule
and, unless a queue brings it, a named route, policy or not, so that no default of the mesh stands in for a clause.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seatrial.compiler.model import CalleeKind, CallerKind
from seatrial.compiler.plan import CallPlan, Plan

from ..base import Document, Emitted, Object
from ..entering import by_http_route, entries
from ..limits import of_proxies
from .entries import service_entry
from .filters import envoy_filter
from .findings import of_mesh
from .routes import gateway, gateway_routes, mesh_routes
from .security import security
from .traffic import destination_rule


@dataclass(frozen=True, slots=True)
class IstioEmitter:
    """For sidecars and gateways of one namespace; see README.md for what the mesh must provide. `gateway_api`: that
    target is emitted too, and demands that it can say enter by it."""

    gateway_api: bool = False

    @property
    def name(self) -> str:
        return "istio"

    def emit(self, plan: Plan) -> Emitted:
        entering = tuple(self._entering(plan))
        return tuple(_documents(plan, entering)), (*of_proxies(plan, self.name), *of_mesh(plan, entering))

    def _entering(self, plan: Plan) -> Iterator[CallPlan]:
        """The calls of the demands that enter by Istio's own objects."""
        for _, call in entries(plan):
            if not (self.gateway_api and by_http_route(call)):
                yield call


def _documents(plan: Plan, entering: Sequence[CallPlan]) -> Iterator[Document]:
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
    for call in entering:
        yield _document(f"{call.caller}-gateway", gateway(plan, call.caller))
        yield _document(f"{call.caller}-routes", gateway_routes(plan, call))
    for callee, incoming in by_callee.items():
        yield _document(f"{callee}-routes", mesh_routes(plan, incoming))
    for call in plan.calls:
        yield _document(f"{call.name}-destination", destination_rule(plan, call))
        if (body := envoy_filter(plan, call)) is not None:
            yield _document(f"{call.name}-filter", body)


def _document(name: str, body: Object) -> Document:
    return Document(f"istio/{name}.yaml", body)
