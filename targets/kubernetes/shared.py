"""What a fleet has once, or once a pool beside its workload.

Turns the plan into its Namespace, PriorityClasses and ResourceQuota, and a pool into its Service and ServiceAccount.
Invariant: the quota admits every pod that the plan may ever want, rolling updates and sidecars included, and no more.

Source: Kubernetes "Resource Quotas" (requests and limits are both charged; a pod without them is refused once a quota
names them) and "Pod Security Admission".
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from seatrial.compiler.plan import Plan, PoolPlan

from .. import daprd
from .. import sidecar as sidecars
from ..base import Object
from ..names import GPU, POOL_LABEL, PORT, labels, metadata, namespace, pool_metadata, priority_class
from ..quantity import cpu, memory
from .constants import (
    GATEWAY_PODS,
)

Amounts = tuple[Fraction, int]
"""Cores and bytes."""


def namespace_document(plan: Plan, *, sidecar: bool) -> Object:
    """Restricted pods are enforced; with sidecars only warned about, since `istio-init` asks for NET_ADMIN unless the
    mesh has the Istio CNI plugin."""
    own: Object = {"pod-security.kubernetes.io/warn": "restricted", "pod-security.kubernetes.io/audit": "restricted"}
    if sidecar:
        own["istio-injection"] = "enabled"
    else:
        own["pod-security.kubernetes.io/enforce"] = "restricted"
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": namespace(plan), "labels": {**labels(plan), **own}},
    }


def priority_classes(plan: Plan) -> tuple[Object, ...]:
    """One for each level that a pool has, highest first. They belong to the cluster, not to the namespace.

    `globalDefault: false` is left out: the API server drops it, so that writing it would be a change in every apply.
    """
    levels = sorted({pool.priority for pool in plan.pools}, reverse=True)
    return tuple(
        {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": {"name": priority_class(plan, level), "labels": labels(plan)},
            "value": level,
            "preemptionPolicy": "PreemptLowerPriority",
            "description": f"Agents of fleet {plan.fleet} with priority {level}",
        }
        for level in levels
    )


def quota(plan: Plan, *, sidecar: bool, dapr: bool = False) -> Object:
    """Sized at every pool's maximum and what leaves beside it, in an update or sent away by an autoscaler: pods are
    charged until they are gone.

    CPU or memory is bounded only if every pool states it: a quota that names it would refuse the pods that do not."""
    pods = sum(most_pods(pool) for pool in plan.pools)
    gateways = GATEWAY_PODS * len(plan.demands) if sidecar else 0
    beside = pods if dapr else 0
    asked, allowed = (Fraction(0), 0), (Fraction(0), 0)
    if sidecar:
        asked = _proxies(plan, gateways, sidecars.requests, (sidecars.CPU_REQUEST, sidecars.MEMORY_REQUEST))
        allowed = _proxies(plan, gateways, sidecars.limits, (sidecars.CPU_LIMIT, sidecars.MEMORY_LIMIT))
    hard: Object = {"pods": str(pods + gateways)}
    if all(pool.cpu_cores is not None for pool in plan.pools):
        own = sum((most_pods(pool) * (pool.cpu_cores or 0) for pool in plan.pools), Fraction(0))
        hard["requests.cpu"] = cpu(own + asked[0] + beside * daprd.CPU_REQUEST)
        hard["limits.cpu"] = cpu(own + allowed[0] + beside * daprd.CPU_LIMIT)
    if all(pool.memory_bytes is not None for pool in plan.pools):
        taken = sum(most_pods(pool) * (pool.memory_bytes or 0) for pool in plan.pools)
        hard["requests.memory"] = memory(taken + asked[1] + beside * daprd.MEMORY_REQUEST)
        hard["limits.memory"] = memory(taken + allowed[1] + beside * daprd.MEMORY_LIMIT)
    if devices := sum(most_pods(pool) * (pool.gpus or 0) for pool in plan.pools):
        # Of an extended resource a quota takes requests only, and they are its limits ("Resource Quotas").
        hard[f"requests.{GPU}"] = str(devices)
    return {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata(plan, "fleet"), "spec": {"hard": hard}}


def _proxies(plan: Plan, gateways: int, of_one: Callable[[PoolPlan], Amounts], each: Amounts) -> Amounts:
    """Of the sidecars of all pods, and of the gateways' pods that take `each`."""
    cores, size = gateways * each[0], gateways * each[1]
    for pool in plan.pools:
        own, count = of_one(pool), most_pods(pool)
        cores, size = cores + count * own[0], size + count * own[1]
    return cores, size


def limit_range(plan: Plan, *, sidecar: bool, dapr: bool = False) -> Object | None:
    """No container may be larger than the largest that was proved to fit; None where some pool states no size.

    Source: Kubernetes "Limit Ranges" (type Container, max)."""
    if not plan.pools or any(pool.cpu_cores is None or pool.memory_bytes is None for pool in plan.pools):
        return None
    cores = max(pool.cpu_cores or Fraction(0) for pool in plan.pools)
    size = max(pool.memory_bytes or 0 for pool in plan.pools)
    if sidecar:
        proxies = [sidecars.limits(pool) for pool in plan.pools]
        cores, size = max(cores, *(one[0] for one in proxies)), max(size, *(one[1] for one in proxies))
    if dapr:
        cores, size = max(cores, daprd.CPU_LIMIT), max(size, daprd.MEMORY_LIMIT)
    largest: Object = {"cpu": cpu(cores), "memory": memory(size)}
    return {
        "apiVersion": "v1",
        "kind": "LimitRange",
        "metadata": metadata(plan, "agents"),
        # The API server fills defaults in from the maximum; written out they are no surprise.
        "spec": {"limits": [{"type": "Container", "max": largest, "default": largest, "defaultRequest": largest}]},
    }


def most_pods(pool: PoolPlan) -> int:
    return pool.agents_max + pool.surge + pool.leaving


def service(plan: Plan, pool: PoolPlan) -> Object:
    spec: Object = {
        "selector": {POOL_LABEL: pool.name},
        "ports": [{"name": "http", "port": PORT, "targetPort": "http", "protocol": "TCP", "appProtocol": "http"}],
    }
    return {"apiVersion": "v1", "kind": "Service", "metadata": pool_metadata(plan, pool.name), "spec": spec}


def service_account(plan: Plan, pool: PoolPlan) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": pool_metadata(plan, pool.name),
        "automountServiceAccountToken": False,
    }
