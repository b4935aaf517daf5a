"""One pool to its Deployment.

Turns a pool into pods that the restricted Pod Security Standard admits. Invariant: where an autoscaler owns the number
of agents the Deployment has no `replicas`, or each apply would reset it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

from seatrial.compiler.plan import CallPlan, HealthPlan, Plan, PoolPlan
from seatrial.compiler.semantics.probes import PRE_STOP_S, TIMEOUT_S, grace, restart_after, startup_failures
from seatrial.compiler.semantics.updates import deadline_seconds, ready_seconds

from .. import daprd
from .. import sidecar as sidecars
from ..base import Json, Object
from ..names import GPU, POOL_LABEL, PORT, RUNTIME_CONFIG, labels, pool_metadata, priority_class, queue_labels
from ..quantity import cpu, memory
from .beside import Beside
from .constants import (
    CONTAINER,
    MAX_SURGE,
    MAX_UNAVAILABLE,
    RUNTIME_FOLDER,
)
from .scheduling import scheduling


def deployment(plan: Plan, pool: PoolPlan, incoming: Sequence[CallPlan], beside: Beside, buckets: Object) -> Object:
    """`pool.image` must be there. `incoming`: the calls of the pool. `buckets`: annotations for the sidecar's
    histograms, the same for every pool."""
    spec: Object = {} if pool.scaling is not None else {"replicas": pool.agents_min}
    spec["selector"] = {"matchLabels": {POOL_LABEL: pool.name}}
    # Until then an update takes no old agent away: the new one does not carry its part yet, or the last ones that were
    # told to leave, which the controller counts nowhere, are still there.
    spec["minReadySeconds"] = ready = ready_seconds(pool.drain_seconds, _warmed_after(incoming))
    spec["progressDeadlineSeconds"] = deadline_seconds(ready)
    spec["strategy"] = {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxSurge": MAX_SURGE, "maxUnavailable": MAX_UNAVAILABLE},
    }
    template: Object = {"labels": {**labels(plan, pool.name), POOL_LABEL: pool.name}}
    if beside.sidecar:
        template["annotations"] = {**_sidecar(pool), **buckets}
    if beside.dapr:
        asked = template.get("annotations", {})
        assert isinstance(asked, dict)
        template["annotations"] = {**asked, **daprd.sidecar_annotations(pool.name)}
    spec["template"] = {"metadata": template, "spec": _pod(plan, pool, runtime=beside.runtime)}
    meta = pool_metadata(plan, pool.name)
    if beside.queued_by_kueue:
        # On the Deployment, not on its pods: Kueue hands it on to them ("Run Deployments").
        meta["labels"] = {**labels(plan, pool.name), POOL_LABEL: pool.name, **queue_labels(plan, pool)}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta, "spec": spec}


def _warmed_after(incoming: Sequence[CallPlan]) -> int:
    """Seconds after which all callers give a new agent a whole part, rounded up; 0: at once."""
    return max((math.ceil(call.warm_up.over_seconds) for call in incoming if call.warm_up is not None), default=0)


def _sidecar(pool: PoolPlan) -> Object:
    """Annotations for the injector: what the quota counts, and a proxy that drains as long as its agent does.

    Source: Istio reference, "Resource Annotations" and ProxyConfig (terminationDrainDuration is 5 s by default, which
    would cut a longer drain).
    """
    proxy = {
        "terminationDrainDuration": f"{grace(pool.drain_seconds)}s",
        "holdApplicationUntilProxyStarts": True,
    }
    (cores, size), (most_cores, most_size) = sidecars.requests(pool), sidecars.limits(pool)
    return {
        "sidecar.istio.io/proxyCPU": cpu(cores),
        "sidecar.istio.io/proxyMemory": memory(size),
        "sidecar.istio.io/proxyCPULimit": cpu(most_cores),
        "sidecar.istio.io/proxyMemoryLimit": memory(most_size),
        "proxy.istio.io/config": json.dumps(proxy),
    }


def _pod(plan: Plan, pool: PoolPlan, *, runtime: bool) -> Object:
    pod: Object = {
        "serviceAccountName": pool.name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "priorityClassName": priority_class(plan, pool.priority),
        "terminationGracePeriodSeconds": grace(pool.drain_seconds),
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        **scheduling(plan, pool),
        "containers": [_container(pool, runtime=runtime)],
    }
    if runtime:
        pod["volumes"] = [{"name": "runtime", "configMap": {"name": RUNTIME_CONFIG}}]
    return pod


def _container(pool: PoolPlan, *, runtime: bool) -> Object:
    env: list[Json] = [{"name": "PORT", "value": str(PORT)}, {"name": "SEATRIAL_POOL", "value": pool.name}]
    if runtime:
        env.append({"name": "SEATRIAL_RUNTIME", "value": f"{RUNTIME_FOLDER}/fleet.json"})
    container: Object = {
        "name": CONTAINER,
        "image": pool.image,
        "ports": [{"name": "http", "containerPort": PORT, "protocol": "TCP"}],
        "env": env,
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        "lifecycle": {"preStop": {"sleep": {"seconds": PRE_STOP_S}}},
    }
    if amounts := _amounts(pool):
        container["resources"] = {"requests": amounts, "limits": dict(amounts)}
    if pool.health is not None:
        container.update(_probes(pool, pool.health))
    if runtime:
        container["volumeMounts"] = [{"name": "runtime", "mountPath": RUNTIME_FOLDER, "readOnly": True}]
    return container


def _amounts(pool: PoolPlan) -> Object:
    """Requests are the limits too: what was proved to fit is what an agent can take, and the pod is Guaranteed."""
    found: Object = {}
    if pool.cpu_cores is not None:
        found["cpu"] = cpu(pool.cpu_cores)
    if pool.memory_bytes is not None:
        found["memory"] = memory(pool.memory_bytes)
    if pool.gpus:
        found[GPU] = str(pool.gpus)
    return found


def _probes(pool: PoolPlan, health: HealthPlan) -> Object:
    def probe(period: int, failures: int) -> Object:
        return {
            "httpGet": {"path": "/healthz", "port": "http"},
            "periodSeconds": period,
            "timeoutSeconds": health.timeout_seconds or TIMEOUT_S,
            "failureThreshold": failures,
        }

    return {
        "startupProbe": probe(1, startup_failures(pool.startup_seconds, pool.startup_limit_seconds)),
        "readinessProbe": probe(health.every_seconds, health.fails_after),
        "livenessProbe": probe(health.every_seconds, restart_after(health.fails_after)),
    }
