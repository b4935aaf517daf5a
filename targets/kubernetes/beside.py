"""What else is emitted, as far as manifests depend on it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Beside:
    """`sidecar`: the istio target, so pods get its proxy and the quota counts it. `runtime`: the runtime document, so
    pods mount it. `measured`: rules, which ask the sidecars about their bounds. `scaled_by_keda`: the keda target;
    its autoscalers stand in for those on the agents' own signals. `queued_by_kueue`: the kueue target admits the pods.
    `dapr`: the dapr target, so pods ask for its sidecar, which the quota counts.
    """

    sidecar: bool = False
    runtime: bool = False
    measured: bool = False
    scaled_by_keda: bool = False
    queued_by_kueue: bool = False
    dapr: bool = False


ALONE = Beside()
