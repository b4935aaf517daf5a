"""The call graph to NetworkPolicies.

Turns `only declared calls` into one policy that shuts every agent off and one a pool that opens what its calls need.
Invariant: an agent reaches, and is reached by, its declared calls, those of its own pool whom it has to talk to, the
gateways of what comes to it when it takes over, and what every pod needs (names, its mesh), and nothing else inside the
cluster; dependencies have no address in a spec, so
their callers may leave it anywhere.

Source: Kubernetes "Network Policies" (policies add up; a pod that any policy selects is otherwise shut).
"""

from __future__ import annotations

from collections.abc import Sequence

from seatrial.compiler.model import CalleeKind, CallerKind
from seatrial.compiler.plan import CallPlan, Plan, PoolPlan

from ..base import Json, Object
from ..calls import enters, talks_within
from ..daprd import INTERNAL_PORT
from ..names import DEMAND_LABEL, POOL_LABEL, PORT, metadata

_NAMESPACE_LABEL = "kubernetes.io/metadata.name"
"""Set by Kubernetes itself on every namespace."""
_DNS_PORT = 53
_ISTIOD_PORT = 15012
"""Where sidecars get certificates and configuration (Istio "Ports used by Istio")."""


def is_closed(plan: Plan) -> bool:
    return any(one.only_declared_calls for one in plan.security)


def shut(plan: Plan) -> Object:
    """Every agent, in both directions; gateways, which are the user's, are left alone."""
    everyone: Object = {"matchExpressions": [{"key": POOL_LABEL, "operator": "Exists"}]}
    return _policy(plan, "shut", everyone, [], [])


def opened(
    plan: Plan,
    pool: PoolPlan,
    incoming: Sequence[CallPlan],
    outgoing: Sequence[CallPlan],
    *,
    sidecar: bool,
    dapr: bool = False,
) -> Object:
    entering: list[Json] = []
    itself: list[Json] = []
    if talks_within(plan, pool.name):
        itself.append({"podSelector": {"matchLabels": {POOL_LABEL: pool.name}}})
    for call in incoming:
        label = DEMAND_LABEL if call.caller_kind is CallerKind.DEMAND else POOL_LABEL
        entering.append({"podSelector": {"matchLabels": {label: call.caller}}})
    entering += [{"podSelector": {"matchLabels": {DEMAND_LABEL: demand}}} for demand in enters(plan, pool.name)]
    leaving: list[Json] = [
        {"podSelector": {"matchLabels": {POOL_LABEL: call.callee}}}
        for call in outgoing
        if call.callee_kind is CalleeKind.POOL
    ]
    entering += itself
    leaving += itself
    ports: list[Json] = [_port("TCP", one) for one in ((PORT, INTERNAL_PORT) if dapr else (PORT,))]
    ingress: list[Json] = [{"from": entering, "ports": ports}] if entering else []
    egress: list[Json] = [{"to": leaving, "ports": ports}] if leaving else []
    egress.append(
        {"to": [_namespace("kube-system")], "ports": [_port("UDP", _DNS_PORT), _port("TCP", _DNS_PORT)]},
    )
    if sidecar:
        egress.append({"to": [_namespace("istio-system")], "ports": [_port("TCP", _ISTIOD_PORT)]})
    if dapr:
        # Its control plane: certificates, names, the operator and placement, each with a port of its own.
        egress.append({"to": [_namespace("dapr-system")]})
    if uses_dependency(pool, outgoing):
        egress.append({"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}, {"ipBlock": {"cidr": "::/0"}}]})
    return _policy(plan, f"{pool.name}-calls", {"matchLabels": {POOL_LABEL: pool.name}}, ingress, egress)


def uses_dependency(pool: PoolPlan, outgoing: Sequence[CallPlan]) -> bool:
    return bool(pool.holds) or any(call.callee_kind is CalleeKind.DEPENDENCY for call in outgoing)


def _namespace(name: str) -> Object:
    return {"namespaceSelector": {"matchLabels": {_NAMESPACE_LABEL: name}}}


def _port(protocol: str, port: int) -> Object:
    return {"protocol": protocol, "port": port}


def _policy(plan: Plan, name: str, pods: Object, ingress: list[Json], egress: list[Json]) -> Object:
    spec: Object = {"podSelector": pods, "policyTypes": ["Ingress", "Egress"]}
    # With its type and without rules a direction is shut. The API server drops an empty list, so that writing one would
    # be a change in every apply.
    if ingress:
        spec["ingress"] = ingress
    if egress:
        spec["egress"] = egress
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(plan, name),
        "spec": spec,
    }
