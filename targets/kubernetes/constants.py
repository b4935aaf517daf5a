"""Every constant of the manifests that is not the user's, with its source; those of probes are `semantics.probes`'."""

from __future__ import annotations

from fractions import Fraction

MAX_SURGE = "25%"
MAX_UNAVAILABLE = 0
"""The Deployment default for surge, rounded up; none may be missing, for the checker counts on agents.min."""

HPA_LONGEST_WINDOW_SECONDS = 3600
HPA_LONGEST_PERIOD_SECONDS = 1800
"""Bounds that the API server enforces (HPAScalingRules, HPAScalingPolicy)."""

SIDECAR_CPU_REQUEST = Fraction(1, 10)
SIDECAR_MEMORY_REQUEST = 128 << 20
SIDECAR_CPU_LIMIT = Fraction(2)
SIDECAR_MEMORY_LIMIT = 1 << 30
"""istio/istiod chart, values.yaml, global.proxy.resources. Written on the pods as well, so that the quota is exact."""

GATEWAY_PODS = 7
"""For each demand: the istio/gateway chart scales 1..5, and its rolling update adds 25 %, rounded up. Its pods have the
sidecar's requests and limits (istio/gateway chart, values.yaml, autoscaling and resources)."""

METRICS = {
    "busy": "seatrial_busy_share",
    "queue": "seatrial_queue_items",
    "rate": "seatrial_requests_per_second",
    "in flight": "seatrial_requests_in_flight",
}
"""Pods metrics that a custom.metrics.k8s.io adapter must serve; cpu comes from metrics.k8s.io."""

CONTAINER = "agent"
RUNTIME_FOLDER = "/etc/seatrial"
