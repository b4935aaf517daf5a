"""Every constant of the manifests that is not the user's, with its source; those of probes are `semantics.probes`'."""

from __future__ import annotations

from seatrial.compiler.semantics.updates import SURGE_PERCENT

MAX_SURGE = f"{SURGE_PERCENT}%"
MAX_UNAVAILABLE = 0
"""None may be missing, for the checker counts on agents.min."""

GATEWAY_PODS = 10
"""For each demand: the istio/gateway chart scales 1..5, and in its rolling update all old ones may still be leaving.
Its pods have the sidecar's requests and limits (istio/gateway chart, values.yaml, autoscaling and resources)."""

CONTAINER = "agent"
RUNTIME_FOLDER = "/etc/seatrial"
