"""Names that several targets must agree on.

Turns plan names into Kubernetes names, labels and hosts. Invariant: a document that refers to another one's object
takes the name from here.
"""

from __future__ import annotations

import re

from seatrial.compiler.plan import Plan, PoolPlan

from .base import Object

PORT = 8080
"""Where an agent listens and its Service answers: above 1023, so that it needs no privilege."""

DEPENDENCY_PORT = 80
"""Where a caller finds a dependency: plain HTTP to its own sidecar."""

POOL_LABEL = "seatrial.dev/pool"
"""On every agent; whom a selector or a source label means by a pool."""

DEMAND_LABEL = "seatrial.dev/demand"
"""On the pods of the gateway by which a demand enters; the user installs that gateway and sets the label."""

NODES_LABEL = "seatrial.dev/nodes"
"""On the nodes; its value is the node class of the spec. The user sets it."""

GPU = "nvidia.com/gpu"
"""The extended resource of the device plugin that is nearly everyone's; another vendor's name needs an overlay.

Source: Kubernetes "Schedule GPUs": whole devices, as limits, and requests equal to them."""

RUNTIME_CONFIG = "fleet-runtime"
"""The ConfigMap that holds the runtime document, made by kustomize."""

_HASH = re.compile(r"-[2456789bcdfghkmt]{10}\Z")
"""What kustomize puts behind the name of a ConfigMap that it makes (`encode` in its api/hasher)."""

CLUSTER_DOMAIN = "cluster.local"
"""Kubernetes' and Istio's default; a cluster with another domain needs an overlay."""

DEPENDENCY_DOMAIN = "dependency.internal"
"""`.internal` is reserved for private use (ICANN resolution 2024.07.29.06), so that nobody else answers there."""

_LEVELS = {-100: "low", 0: "normal", 100: "high", 1000: "critical"}


def unhashed(name: str) -> str:
    """The name of a ConfigMap without kustomize's hash behind it."""
    return _HASH.sub("", name)


def namespace(plan: Plan) -> str:
    return plan.fleet


def labels(plan: Plan, name: str | None = None) -> Object:
    """The common labels of Kubernetes' recommendation ("Recommended Labels")."""
    own: Object = {} if name is None else {"app.kubernetes.io/name": name}
    return {**own, "app.kubernetes.io/part-of": plan.fleet, "app.kubernetes.io/managed-by": "seatrial"}


def metadata(plan: Plan, name: str) -> Object:
    """Metadata of an object that belongs to the whole fleet or is named otherwise than its pool."""
    return {"name": name, "namespace": namespace(plan), "labels": labels(plan)}


def pool_metadata(plan: Plan, pool: str) -> Object:
    return {"name": pool, "namespace": namespace(plan), "labels": {**labels(plan, pool), POOL_LABEL: pool}}


def service_host(plan: Plan, pool: str) -> str:
    """Fully qualified: Istio reads a short name in the namespace of the rule, which is a known trap."""
    return f"{pool}.{namespace(plan)}.svc.{CLUSTER_DOMAIN}"


def dependency_host(dependency: str) -> str:
    """A placeholder host that agents call; a ServiceEntry says where it leads."""
    return f"{dependency}.{DEPENDENCY_DOMAIN}"


def priority_class(plan: Plan, priority: int) -> str:
    """PriorityClasses belong to the whole cluster, so the fleet's name is in front: `support-high`, `support-p7`."""
    sign = "m" if priority < 0 else "p"
    return f"{plan.fleet}-{_LEVELS.get(priority, f'{sign}{abs(priority)}')}"


def queue_labels(plan: Plan, pool: PoolPlan) -> Object:
    """By which Kueue knows a workload's queue and priority ("Run Deployments", "Workload priority")."""
    return {
        "kueue.x-k8s.io/queue-name": pool.name,
        "kueue.x-k8s.io/priority-class": priority_class(plan, pool.priority),
    }
