"""Metric readings and pods -> the raw replica count that the HorizontalPodAutoscaler proposes.

Invariant: a proposal depends only on the readings, the pods and the two replica counts of this sync, never on history.

Source: Kubernetes `pkg/controller/podautoscaler/replica_calculator.go` and `metrics/utilization.go`
(GetExternalPerPodMetricReplicas, GetExternalMetricReplicas, GetResourceReplicas, calcPlainMetricReplicas, groupPods),
and the recorded syncs of controller 1.36.2 under `tests/semantics`. Quantities are integer milli-units, as the
controller's `Quantity.MilliValue()`; ratios are IEEE doubles, as the controller's: exact ratios give other answers at
the edge of the tolerance. Times are milliseconds, `int` or `Fraction`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from .controller import Instant


class Phase(Enum):
    PENDING = "Pending"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class Pod:
    """One pod under the selector (the target's own and foreign ones with the same labels).

    `ready` is the Ready condition, None when the condition is not there yet; `ready_since` its last transition (also
    the one to unready); `started` is `status.startTime`. `cpu_request_milli` sums the containers; None when one has
    no request, which makes a Utilization target fail.
    """

    phase: Phase = Phase.RUNNING
    ready: bool | None = True
    started: Instant | None = 0
    ready_since: Instant | None = 0
    terminating: bool = False
    cpu_request_milli: int | None = None


@dataclass(frozen=True, slots=True)
class ExternalAverageValue:
    """External metric, target type AverageValue: total / target replicas."""

    name: str
    target_milli: int


@dataclass(frozen=True, slots=True)
class ExternalValue:
    """External metric, target type Value: ratio times the pods Running and Ready."""

    name: str
    target_milli: int


@dataclass(frozen=True, slots=True)
class CpuUtilization:
    """Resource metric cpu, target type Utilization, per cent of the request."""

    target_percent: int
    name: str = "cpu"


@dataclass(frozen=True, slots=True)
class CpuAverageValue:
    """Resource metric cpu, target type AverageValue, milli-cores."""

    target_milli: int
    name: str = "cpu"


@dataclass(frozen=True, slots=True)
class PodsAverageValue:
    """Pods metric, target type AverageValue."""

    name: str
    target_milli: int


Metric = ExternalAverageValue | ExternalValue | CpuUtilization | CpuAverageValue | PodsAverageValue


@dataclass(frozen=True, slots=True)
class ExternalReading:
    """The series of an external metric; the controller sums them. None or an empty tuple: the metric is missing."""

    series_milli: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class PodsReading:
    """Values by pod name; a pod that is absent has no sample. None: the metric is missing.

    `sampled` is the sample's time and `window` the span it averages over, both in ms (only cpu looks at them).
    """

    values_milli: Mapping[str, int] | None
    sampled: Instant = 0
    window: Instant = 0


Reading = ExternalReading | PodsReading


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Relative deviation of the ratio from 1 that changes nothing; inclusive at both ends, compared in doubles."""

    up: float = 0.1
    down: float = 0.1

    def covers(self, ratio: float) -> bool:
        return 1.0 - self.down <= ratio <= 1.0 + self.up


@dataclass(frozen=True, slots=True)
class Readiness:
    """The controller's flags on young pods: `--horizontal-pod-autoscaler-cpu-initialization-period` and
    `--horizontal-pod-autoscaler-initial-readiness-delay`, in ms."""

    cpu_initialization: Instant = 300_000
    initial_delay: Instant = 30_000


def propose(
    metric: Metric,
    reading: Reading,
    *,
    spec_replicas: int,
    status_replicas: int,
    pods: Mapping[str, Pod],
    tolerance: Tolerance,
    readiness: Readiness,
    now: Instant,
) -> int | None:
    """Replicas that one metric asks for, or None when it cannot be computed (missing metric, no pods, no request)."""
    match metric, reading:
        case ExternalAverageValue(), ExternalReading(series) if series:
            return _per_pod(sum(series), metric.target_milli, status_replicas, tolerance)
        case ExternalValue(), ExternalReading(series) if series:
            return _by_ratio(sum(series) / metric.target_milli, spec_replicas, pods, tolerance)
        case CpuUtilization(), PodsReading():
            return _per_pod_metric(
                reading, spec_replicas, pods, tolerance, readiness, now, cpu=True, percent=metric.target_percent
            )
        case CpuAverageValue(), PodsReading():
            return _per_pod_metric(
                reading, spec_replicas, pods, tolerance, readiness, now, cpu=True, target=metric.target_milli
            )
        case PodsAverageValue(), PodsReading():
            return _per_pod_metric(
                reading, spec_replicas, pods, tolerance, readiness, now, cpu=False, target=metric.target_milli
            )
        case _:
            return None


def _per_pod(total_milli: int, target_milli: int, status_replicas: int, tolerance: Tolerance) -> int:
    """GetExternalPerPodMetricReplicas: status.replicas is both what is compared and what is kept."""
    # Without a pod the controller's ratio is infinite (or NaN): outside every tolerance.
    if status_replicas and tolerance.covers(total_milli / (float(target_milli) * status_replicas)):
        return status_replicas
    return math.ceil(total_milli / target_milli)


def _by_ratio(ratio: float, spec_replicas: int, pods: Mapping[str, Pod], tolerance: Tolerance) -> int | None:
    """getUsageRatioReplicaCount: terminating pods that are still Ready are counted."""
    if spec_replicas == 0:
        return math.ceil(ratio)
    if tolerance.covers(ratio):
        return spec_replicas
    if not pods:
        return None
    ready = sum(1 for pod in pods.values() if pod.phase is Phase.RUNNING and pod.ready)
    return math.ceil(ratio * ready)


@dataclass(frozen=True, slots=True)
class _Groups:
    counted: dict[str, int]
    unready: tuple[str, ...]
    missing: tuple[str, ...]


def _group(
    reading: PodsReading,
    values: Mapping[str, int],
    pods: Mapping[str, Pod],
    readiness: Readiness,
    now: Instant,
    cpu: bool,
) -> _Groups:
    """groupPods: failed and terminating pods play no part, Pending ones and (for cpu) unready ones are set aside."""
    if not cpu and all(map(_runs, {id(pod): pod for pod in pods.values()}.values())):
        # Of thousands of agents in a fluid, which are a few pods over and over, only a reading may be missing.
        read = {name: value for name, value in values.items() if name in pods}
        silent = tuple([name for name in pods if name not in values]) if len(read) < len(pods) else ()
        return _Groups(read, (), silent)
    counted: dict[str, int] = {}
    unready: list[str] = []
    missing: list[str] = []
    for name, pod in pods.items():
        if pod.terminating or pod.phase is Phase.FAILED:
            continue
        if pod.phase is Phase.PENDING:
            unready.append(name)
        elif name not in values:
            missing.append(name)
        elif cpu and _set_aside(pod, reading, readiness, now):
            unready.append(name)
        else:
            counted[name] = values[name]
    return _Groups(counted, tuple(unready), tuple(missing))


def _runs(pod: Pod) -> bool:
    return not pod.terminating and pod.phase not in (Phase.FAILED, Phase.PENDING)


def _set_aside(pod: Pod, reading: PodsReading, readiness: Readiness, now: Instant) -> bool:
    """A cpu sample says nothing while the pod starts: unready, or sampled within a window of becoming ready."""
    if pod.ready is None or pod.started is None or pod.ready_since is None:
        return True
    if pod.started + readiness.cpu_initialization > now:
        return not pod.ready or reading.sampled < pod.ready_since + reading.window
    return not pod.ready and pod.started + readiness.initial_delay > pod.ready_since


def _per_pod_metric(
    reading: PodsReading,
    spec_replicas: int,
    pods: Mapping[str, Pod],
    tolerance: Tolerance,
    readiness: Readiness,
    now: Instant,
    *,
    cpu: bool,
    percent: int = 0,
    target: int = 0,
) -> int | None:
    """GetResourceReplicas (percent > 0) and calcPlainMetricReplicas (target > 0)."""
    if reading.values_milli is None or not pods:
        return None
    groups = _group(reading, reading.values_milli, pods, readiness, now, cpu)
    values = groups.counted
    if not values:
        return None
    requests: dict[str, int] = {}
    if percent:
        for name, pod in pods.items():
            if pod.cpu_request_milli is None:
                return None
            requests[name] = pod.cpu_request_milli
        # A request of zero in total has no utilisation.
        if not sum(requests[name] for name in values):
            return None

    def ratio_of(usage: Mapping[str, int]) -> float:
        if percent:
            # Both divisions of whole numbers truncate: 66.8 % counts as 66.
            return (sum(usage.values()) * 100 // sum(requests[name] for name in usage)) / percent
        return (sum(usage.values()) // len(usage)) / target

    ratio = ratio_of(values)
    rebalance = bool(groups.unready) and ratio > 1.0
    if not rebalance and not groups.missing:
        return spec_replicas if tolerance.covers(ratio) else math.ceil(ratio * len(values))

    # Missing pods are assumed to argue against the move, unready ones to idle while scaling up.
    filled = dict(values)
    for name in groups.missing:
        if ratio < 1.0:
            filled[name] = requests[name] * max(100, percent) // 100 if percent else target
        elif ratio > 1.0 or not percent:
            filled[name] = 0
    if rebalance:
        filled |= dict.fromkeys(groups.unready, 0)
    again = ratio_of(filled)
    if tolerance.covers(again) or (ratio < 1.0 < again) or (again < 1.0 < ratio):
        return spec_replicas
    replicas = math.ceil(again * len(filled))
    turned = (again < 1.0 and replicas > spec_replicas) or (again > 1.0 and replicas < spec_replicas)
    return spec_replicas if turned else replicas
