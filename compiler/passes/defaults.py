"""What holds where a spec says nothing, as data: the value, how it would be written, and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ..semantics.retries import ENVOY_BASE_S, ENVOY_CAP_FACTOR, ENVOY_FACTOR


@dataclass(frozen=True, slots=True)
class Default:
    value: Fraction
    clause: str
    source: str


_KUBERNETES = "Kubernetes default"
_ISTIO = "Istio default"
_ENVOY = "Envoy default"
LANGUAGE = "the language's own default"


def _d(value: Fraction | int, clause: str, source: str) -> Default:
    return Default(Fraction(value), clause, source)


NODE_PODS = _d(110, "pods 110", f"{_KUBERNETES}: kubelet maxPods")
NODE_ZONES = _d(1, "zones 1", LANGUAGE)
CONCURRENCY = _d(1, "concurrency 1", f"{LANGUAGE}: one request at a time")
STARTUP = _d(10, "startup 10s", f"{LANGUAGE}: assumed until it is said")
DOWN_OVER = _d(300, "down over 5m", f"{_KUBERNETES}: HPA scale-down stabilization window")
STEP_SHARE = _d(1, "at most 100% per 15s", f"{_KUBERNETES}: HPA scaling policy")
STEP_PERIOD = _d(15, "at most 100% per 15s", f"{_KUBERNETES}: HPA scaling policy")
FAILS_AFTER = _d(3, "fails after 3", f"{_KUBERNETES}: probe failureThreshold")
DRAIN = _d(30, "drain 30s", f"{_KUBERNETES}: terminationGracePeriodSeconds")
BACKOFF = _d(ENVOY_BASE_S, "backoff 25ms", f"{_ENVOY}: retry back-off base interval")
BACKOFF_FACTOR = _d(ENVOY_FACTOR, "x2", f"{_ENVOY}: exponential back-off")
BACKOFF_CAP_TIMES = ENVOY_CAP_FACTOR
"""Envoy's ceiling of the back-off is ten times its base where none is set (RetryPolicy.RetryBackOff)."""
BACKOFF_CAP_SOURCE = f"{_ENVOY}: ten times the base"
ERRORS_OVER = _d(10, "over 10s", f"{_ISTIO}: outlier detection interval")
EJECT_SHARE = _d(Fraction(1, 10), "eject at most 10%", f"{_ISTIO}: maxEjectionPercent")
EJECT_FOR = _d(30, "for 30s", f"{_ISTIO}: baseEjectionTime")
WARM_FROM = _d(Fraction(1, 10), "from 10%", f"{_ISTIO}: minimumPercent of a warm-up")
SUCCESS_OVER = _d(30 * 24 * 3600, "over 30d", LANGUAGE)
PER_REQUEST = _d(1, "1 per request", LANGUAGE)
TRIAL_SCALE = _d(1, "scale 1/1", LANGUAGE)
TRIAL_DURATION = _d(60, "duration 60s", LANGUAGE)
FAULT_SHARE = _d(1, "100% of", LANGUAGE)
TOLERATE = _d(0, "tolerate 0 crashed", LANGUAGE)
WEIGHT = _d(1, "weight 1", LANGUAGE)
AUCTION_STEP = _d(Fraction(1, 1_000_000), "step 1us", f"{LANGUAGE}: assumed until it is said")
REPUTATION = _d(24 * 3600, "reputation over 1d", LANGUAGE)
NO_OVERHEAD = _d(0, "overhead 0%", f"{LANGUAGE}: agents do not slow each other")
VOTE_COUNT = _d(0, "count 0s per vote", f"{LANGUAGE}: counting takes no time")
PATTERN_MOST = {
    "direct": _d(10, "up to 10", f"{LANGUAGE}: each talks to each"),
    "hub": _d(50, "up to 50", f"{LANGUAGE}: one agent sees every message"),
    "tree": _d(500, "up to 500", f"{LANGUAGE}: messages climb and descend"),
    "mesh": _d(5_000, "up to 5_000", f"{LANGUAGE}: an event mesh"),
}
PRIORITIES = {"lowest": -1000, "low": -100, "normal": 0, "high": 100, "critical": 1000}
