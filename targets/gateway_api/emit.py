"""Plan to Gateways and HTTPRoutes of the Gateway API.

Turns each demand whose route an HTTPRoute can say into a Gateway of its own and one HTTPRoute; what protects the pool
behind it stays with Istio. Invariant: nothing is retried: each route has a patch that leaves Istio's default of two
retries without a reason for one.

Sources: as in `entering.py`; Istio "Kubernetes Gateway API" (automated deployment, `infrastructure.labels`) and
`pilot/pkg/config/kube/gatewaycommon/deploymentcontroller.go` (annotations of names); GEP-2257 (durations);
Envoy 1.40, router filter, `x-envoy-retry-on` ("retriable-headers": only where an answer has a header that was named).
"""

from __future__ import annotations

from dataclasses import dataclass

from seatrial.compiler.plan import CallPlan, DemandPlan, Plan
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..base import Document, Emitted, Object
from ..entering import NEVER, by_http_route, entries
from ..names import DEMAND_LABEL, PORT, metadata
from ..proxy import timeout
from ..quantity import by_units

FOLDER = "gateway-api"

_VERSION = "gateway.networking.k8s.io/v1"

_GATEWAY_PORT = 80


@dataclass(frozen=True, slots=True)
class GatewayApiEmitter:
    @property
    def name(self) -> str:
        return FOLDER

    def emit(self, plan: Plan) -> Emitted:
        documents: list[Document] = []
        found: list[Diagnostic] = []
        for demand, call in entries(plan):
            if by_http_route(call):
                documents.append(Document(f"{FOLDER}/{demand.name}-gateway.yaml", _gateway(plan, demand)))
                documents.append(Document(f"{FOLDER}/{demand.name}-route.yaml", _route(plan, demand, call)))
                documents.append(Document(f"{FOLDER}/{demand.name}-once.yaml", once(plan, call)))
            else:
                found.append(_kept(demand, call))
        return tuple(documents), tuple(found)


def _gateway(plan: Plan, demand: DemandPlan) -> Object:
    """Istio deploys its pods. They get the demand's label, by which policies know them, and its name."""
    meta = metadata(plan, demand.name)
    meta["annotations"] = {
        "gateway.istio.io/name-override": demand.name,
        "gateway.istio.io/service-account": demand.name,
    }
    listener: Object = {
        "name": "http",
        "port": _GATEWAY_PORT,
        "protocol": "HTTP",
        "allowedRoutes": {"namespaces": {"from": "Same"}},
    }
    spec: Object = {
        "gatewayClassName": "istio",
        "listeners": [listener],
        "infrastructure": {"labels": {DEMAND_LABEL: demand.name}},
    }
    return {"apiVersion": _VERSION, "kind": "Gateway", "metadata": meta, "spec": spec}


def _route(plan: Plan, demand: DemandPlan, call: CallPlan) -> Object:
    rule: Object = {
        # Istio gives the route of its proxies this name, and filters find it by that.
        "name": call.name,
        "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
        "backendRefs": [{"group": "", "kind": "Service", "name": call.callee, "port": PORT, "weight": 1}],
    }
    if (whole := timeout(call)) is not None:
        rule["timeouts"] = {"request": by_units(whole)}
    parent: Object = {"group": "gateway.networking.k8s.io", "kind": "Gateway", "name": demand.name}
    spec: Object = {"parentRefs": [parent], "rules": [rule]}
    return {"apiVersion": _VERSION, "kind": "HTTPRoute", "metadata": metadata(plan, demand.name), "spec": spec}


def once(plan: Plan, call: CallPlan) -> Object:
    """A rule can ask for retries from one up, not for none, and no merge writes a zero; so the reason is taken away."""
    patch: Object = {
        "applyTo": "HTTP_ROUTE",
        "match": {"context": "GATEWAY", "routeConfiguration": {"vhost": {"route": {"name": call.name}}}},
        "patch": {"operation": "MERGE", "value": {"route": {"retry_policy": {"retry_on": NEVER}}}},
    }
    return {
        "apiVersion": "networking.istio.io/v1alpha3",
        "kind": "EnvoyFilter",
        "metadata": metadata(plan, f"{call.caller}-once"),
        "spec": {"workloadSelector": {"labels": {DEMAND_LABEL: call.caller}}, "configPatches": [patch]},
    }


def _kept(demand: DemandPlan, call: CallPlan) -> Diagnostic:
    return Diagnostic(
        "ST7091",
        Severity.NOTE,
        f"gateway-api: demand {demand.name} enters by Istio's own Gateway and VirtualService",
        (Label(call.origin),),
        notes=("an HTTPRoute has no word for retries of connections that break, nor for their time and share",),
        help="where a caller of its own retries, the gateway need not",
    )
