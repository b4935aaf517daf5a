"""Every constant of the manifests that is not the user's, with its source."""

from __future__ import annotations

from fractions import Fraction

PRE_STOP_SECONDS = 5
"""Sleep before SIGTERM, so that endpoints and proxies have stopped sending ("Pod Lifecycle", termination flow: removal
from endpoints and the signal run side by side). preStop.sleep is on by default since Kubernetes 1.30."""

PROBE_TIMEOUT_SECONDS = 1
"""The default timeoutSeconds of a probe, written out."""

LIVENESS_FACTOR = 2
"""A restart needs twice as many failures as leaving the endpoints: an overloaded agent loses its traffic first and is
killed only if that did not help."""

STARTUP_FACTOR = 3
STARTUP_LEAST_SECONDS = 30
"""A start may take three times the stated time, at least 30 s, before the kubelet gives up; pulls do not count."""

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
