"""A Deployment's rolling update -> the most pods that are there at a time, those that are still leaving included.

Invariant: what is counted here is what the manifests make true: `ready_seconds` is their `minReadySeconds`.

An update starts `surge` new pods beside the old ones (maxSurge rounds up, maxUnavailable is 0). As one of them becomes
available an old one is told to leave, and at once the next new one starts: the controller counts no pod that is
terminating, so what leaves comes on top of the surge until its grace period is over, and where drains are longer than
starts nearly all old pods may still be leaving beside all new ones. A new pod becomes available only after
`minReadySeconds`; with these no shorter than the grace period, what it replaces is gone before what comes next can
send another one away, so that no more leave at a time than are started at a time.

Source: Kubernetes, "Deployments" ("Kubernetes doesn't count terminating Pods when calculating the number of
availableReplicas ... the total resources consumed by the Deployment is more than replicas + maxSurge until the
terminationGracePeriodSeconds of the terminating Pods expires"; `minReadySeconds`); KEP-3973 (`podReplacementPolicy:
TerminationComplete` would bound it too, and is no field of a stable API yet); `NewRSNewReplicas` in
pkg/controller/deployment/util. Limits: one update at a time, and none while nodes are drained; where an autoscaler
changes the size meanwhile, `flapping` counts; a pod is gone when its grace period is over, the kubelet's own seconds
not counted.
"""

from __future__ import annotations

from fractions import Fraction

from .probes import grace

SURGE_PERCENT = 25
"""maxSurge of a rolling update, Kubernetes' default for a Deployment; with it maxUnavailable is 0."""

PROGRESS_S = 600
"""progressDeadlineSeconds, Kubernetes' default: an update that does not come on for so long is called failed."""


def surge(replicas: int) -> int:
    """New pods that an update starts beside `replicas` old ones: a quarter, rounded up."""
    return -(-replicas * SURGE_PERCENT // 100)


def leaving_pods(replicas: int) -> int:
    """Old pods that still leave at the worst moment of an update: as many as start at a time, of no more than there
    were, so that a pool is never more than doubled."""
    return min(replicas - surge(replicas), surge(replicas))


def placed_pods(replicas: int) -> int:
    """Pods that must find room at a time for an update to go on; what still leaves is not among them.

    While it takes up room on a node or in a quota the next pod waits for it, no longer than a drain.
    """
    return replicas + surge(replicas)


def most_pods(replicas: int) -> int:
    """Pods of a pool of `replicas` >= 0 at the worst moment of an update, those that are leaving included."""
    return placed_pods(replicas) + leaving_pods(replicas)


def updated_seconds(replicas: int, startup: Fraction, ready: int, grace_s: int) -> Fraction:
    """Pod-seconds beside those of `replicas` pods that one update adds at the most, where pods start within `startup`:
    each new one is there until it is available, `ready` seconds after it is ready, and what it replaces has left."""
    return replicas * (startup + ready + grace_s)


def ready_seconds(drain: Fraction | int, warming: int = 0) -> int:
    """minReadySeconds: a new pod counts when what it replaces has surely left, and callers give it a whole part.

    `drain` of its pool; `warming`: the longest warm-up of its callers, whole seconds.
    """
    return max(grace(drain), warming)


def deadline_seconds(ready: int) -> int:
    """progressDeadlineSeconds for a minReadySeconds, which it must exceed: the default, where that is enough."""
    return PROGRESS_S if ready < PROGRESS_S else PROGRESS_S + ready
