"""Histogram buckets of the mesh's proxies.

Turns the latencies that a plan speaks of into the annotation that makes each of them a bucket's edge. Invariant: the
proxies' own buckets are kept, so that other dashboards read on.

Sources: Envoy, source/common/stats/histogram_impl.cc (default buckets); Istio reference, "Resource Annotations"
(`sidecar.istio.io/statsHistogramBuckets`, keyed by the prefix of the metric's name).
"""

from __future__ import annotations

import json
from fractions import Fraction

from seatrial.compiler.plan import Plan

from .base import Object
from .quantity import number

DEFAULT_MS = (
    *(Fraction(1, 2), Fraction(1), Fraction(5), Fraction(10), Fraction(25), Fraction(50), Fraction(100)),
    *(Fraction(count) for count in (250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000, 1800000, 3600000)),
)
"""In milliseconds."""

_PREFIX = "istiocustom"


def bounds(plan: Plan) -> tuple[Fraction, ...]:
    """Latencies that rules ask about, in seconds: objectives, and what dependencies are assumed to keep to."""
    found = [one.below_seconds for one in plan.latency]
    found += [one.latency_p99_seconds for one in plan.dependencies if one.latency_p99_seconds is not None]
    return tuple(sorted(set(found)))


def annotation(plan: Plan) -> Object:
    """Empty where the default buckets have every bound: a quantile is only as fine as its buckets."""
    wanted = {bound * 1000 for bound in bounds(plan)}
    if wanted <= set(DEFAULT_MS):
        return {}
    edges = [number(edge) for edge in sorted({*DEFAULT_MS, *wanted})]
    return {"sidecar.istio.io/statsHistogramBuckets": json.dumps({_PREFIX: edges})}
