"""What is measured, as PromQL.

Turns ends of calls and windows into expressions over series that the mesh, the cluster and the agents export.
Invariant: names of series and labels stand here and nowhere else in the target.

Sources: Istio, "Istio Standard Metrics" (`istio_requests_total`, `istio_request_duration_milliseconds`, labels);
kube-state-metrics, docs/metrics/workload (deployment, horizontalpodautoscaler); the agents' own as in this folder's
README.
"""

from __future__ import annotations

import json
from fractions import Fraction

from seatrial.compiler.plan import Plan

from ..names import namespace
from ..quantity import number

GOOD = "[123].."
"""Answers below 400 are good, as in a trial's verdict; code 0 is a connection that broke."""


def text(value: str) -> str:
    """A label's value as PromQL quotes it: Go's escapes, of which JSON's are a part."""
    return json.dumps(value, ensure_ascii=False)


def literal(value: Fraction | int) -> str:
    """Digits of a number: all of them where it is whole, else the nearest double."""
    return repr(number(value))


def window(seconds: int) -> str:
    """`90s`, `5m`, `6h`, `3d`: a PromQL duration in the largest unit that states it exactly."""
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def faster_than(seconds: Fraction) -> str:
    """The matcher of a bound's bucket, in milliseconds. Prometheus 3 writes whole edges as `1500.0`, older ones `1500`.

    Source: Prometheus, "Migration guide to 3.0", normalisation of `le`.
    """
    edge = literal(seconds * 1000).replace(".", "[.]")
    return f'le=~"{edge}([.]0)?"'


def incoming(plan: Plan, demand: str, *more: str) -> str:
    """Labels of a demand's requests as its gateway saw them: its own retries and time-outs included."""
    return _labels('reporter="source"', f"source_workload={text(demand)}", _within("source", plan), *more)


def outgoing(plan: Plan, host: str, *more: str) -> str:
    """Labels of all requests from the fleet's namespace to a host."""
    return _labels('reporter="source"', f"destination_service={text(host)}", _within("source", plan), *more)


def requests(labels: str, over: int, ago: int = 0) -> str:
    """Requests a second over a window that ended `ago` seconds ago; a proxy's retries are part of their one request."""
    offset = f" offset {window(ago)}" if ago else ""
    return f"sum(rate(istio_requests_total{labels}[{window(over)}]{offset}))"


def failed_share(plan: Plan, demand: str, over: int) -> str:
    bad = incoming(plan, demand, f'response_code!~"{GOOD}"')
    # Without a failure there is no series of failures, and without a request there is nothing to judge.
    none = f"({requests(bad, over)} or on() vector(0))"
    return f"{none} / {requests(incoming(plan, demand), over)}"


def slow_share(labels: str, faster_labels: str, over: int) -> str:
    """The share of requests above the bound that `faster_labels` names by its bucket."""
    fast = f"sum(rate(istio_request_duration_milliseconds_bucket{faster_labels}[{window(over)}]))"
    every = f"sum(rate(istio_request_duration_milliseconds_count{labels}[{window(over)}]))"
    return f"1 - {fast} / {every}"


def quantile(share: Fraction, labels: str, over: int) -> str:
    rates = f"sum by (le) (rate(istio_request_duration_milliseconds_bucket{labels}[{window(over)}]))"
    return f"histogram_quantile({literal(share)}, {rates}) / 1000"


def replicas(plan: Plan, pool: str) -> str:
    return f"sum(kube_deployment_status_replicas{_owned(plan, 'deployment', pool)})"


def available(plan: Plan, pool: str) -> str:
    return f"sum(kube_deployment_status_replicas_available{_owned(plan, 'deployment', pool)})"


def own(plan: Plan, name: str, *more: str) -> str:
    """A series of the agents' own, in the fleet's namespace."""
    return name + _labels(f"namespace={text(namespace(plan))}", *more)


def _owned(plan: Plan, label: str, name: str) -> str:
    return _labels(f"namespace={text(namespace(plan))}", f"{label}={text(name)}")


def _within(side: str, plan: Plan) -> str:
    return f"{side}_workload_namespace={text(namespace(plan))}"


def _labels(*matchers: str) -> str:
    return "{" + ",".join(matchers) + "}"
