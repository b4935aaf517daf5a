"""Every constant of the manifests that is not the user's, with its source; those of probes are `semantics.probes`'."""

from __future__ import annotations

from seatrial.compiler.semantics.scaling import SURGE_PERCENT

MAX_SURGE = f"{SURGE_PERCENT}%"
MAX_UNAVAILABLE = 0
"""None may be missing meanwhile, for the checker counts on agents.min."""

PROGRESS_S = 600
"""progressDeadlineSeconds where nothing is said; the API server refuses one that is not above minReadySeconds."""

GATEWAY_PODS = 7
"""For each demand: the istio/gateway chart scales 1..5, and its rolling update adds 25 %, rounded up. Its pods have the
sidecar's requests and limits (istio/gateway chart, values.yaml, autoscaling and resources)."""

CONTAINER = "agent"
RUNTIME_FOLDER = "/etc/seatrial"
