"""One sync of the Kubernetes HorizontalPodAutoscaler: (spec, state, what it sees, now) -> (state, desired, reason).

Invariant: `step` is a pure function; all that the controller remembers between two syncs is in `HpaState`, and a
restart of the controller is `HpaState()`.

Source: Kubernetes `pkg/controller/podautoscaler/horizontal.go` (reconcileAutoscaler, computeReplicasForMetrics,
normalizeDesiredReplicas, stabilizeRecommendationWithBehaviors), and recorded runs of controller 1.36.2, each sync of
which `tests/semantics` replays. Times are milliseconds, `int` or `Fraction`: the dust of floats flips an event that
is exactly one period old.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import assert_never

from .controller import TOLERANCE, Instant
from .hpa_behavior import Behavior, ScaleEvent, ScalingRules, limit_down, limit_up, store_event
from .hpa_metrics import (
    CpuAverageValue,
    CpuUtilization,
    ExternalAverageValue,
    ExternalValue,
    Metric,
    Pod,
    PodsAverageValue,
    Readiness,
    Reading,
    Tolerance,
    propose,
)


@dataclass(frozen=True, slots=True)
class ControllerFlags:
    """The flags of kube-controller-manager that decide, with their defaults (times in ms)."""

    downscale_stabilization: Instant = 300_000
    tolerance: Fraction = TOLERANCE
    readiness: Readiness = field(default_factory=Readiness)


@dataclass(frozen=True, slots=True)
class HpaSpec:
    """`spec` of an autoscaling/v2 HorizontalPodAutoscaler; 1 <= minimum <= maximum, at least one metric.

    `behavior` None is the old algorithm: largest recommendation of the last 300 s in both directions, and at most
    twice the current count or 4 when scaling up.
    """

    minimum: int
    maximum: int
    metrics: tuple[Metric, ...]
    behavior: Behavior | None = None
    flags: ControllerFlags = field(default_factory=ControllerFlags)

    @property
    def tolerance(self) -> Tolerance:
        up = self.behavior.up.tolerance if self.behavior else None
        down = self.behavior.down.tolerance if self.behavior else None
        default = self.flags.tolerance
        return Tolerance(float(default if up is None else up), float(default if down is None else down))


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A raw proposal and when it was made."""

    at: Instant
    replicas: int


@dataclass(frozen=True, slots=True)
class HpaState:
    """What the controller remembers: raw proposals (None before the first sync) and its own scale events."""

    recommendations: tuple[Recommendation, ...] | None = None
    added: tuple[ScaleEvent, ...] = ()
    deleted: tuple[ScaleEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What one sync reads: the scale, one reading a metric in the order of `HpaSpec.metrics`, the selector's pods.

    `pods` may be empty when every metric is an `ExternalAverageValue`: that kind never looks at pods.
    """

    spec_replicas: int
    status_replicas: int
    readings: tuple[Reading, ...]
    pods: Mapping[str, Pod] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """`desired` replicas and why. `reason` is the event's text when `desired` differs from the count that was read.

    `able`, `active` and `limited` are the reasons of the conditions AbleToScale, ScalingActive and ScalingLimited
    after this sync; "" leaves the condition as it was. `proposed` is the raw proposal before stabilisation and limits,
    None when the metrics failed or were not asked; `proposed_by` the index of the metric that made it.
    """

    desired: int
    rescale: bool
    reason: str = ""
    proposed: int | None = None
    proposed_by: int | None = None
    able: str = ""
    active: str = ""
    limited: str = ""


def step(
    spec: HpaSpec, state: HpaState, seen: Seen, now: Instant, *, written_at: Instant | None = None
) -> tuple[HpaState, Decision]:
    """One sync at `now`. `written_at` is when the scale was written (default `now`): the instant of the scale event.

    The caller sets `spec_replicas` of the next sync to `Decision.desired`. `seen.readings` is as long as
    `spec.metrics`, else ValueError.
    """
    if len(seen.readings) != len(spec.metrics):
        raise ValueError(f"{len(seen.readings)} readings for {len(spec.metrics)} metrics")
    current = seen.spec_replicas
    if state.recommendations is None:
        # The first entry of the history is the count that was found: it delays the first scale-down by a window.
        state = replace(state, recommendations=(Recommendation(now, current),))
    if current == 0:
        return state, Decision(0, False, able="SucceededGetScale", active="ScalingDisabled")
    if current > spec.maximum:
        decision = Decision(
            spec.maximum, True, "Current number of replicas above Spec.MaxReplicas", able="SucceededRescale"
        )
    elif current < spec.minimum:
        decision = Decision(
            spec.minimum, True, "Current number of replicas below Spec.MinReplicas", able="SucceededRescale"
        )
    else:
        state, decision = _by_metrics(spec, state, seen, now)
    if decision.rescale:
        state = _remember(spec, state, current, decision.desired, now if written_at is None else written_at)
    return state, decision


def _by_metrics(spec: HpaSpec, state: HpaState, seen: Seen, now: Instant) -> tuple[HpaState, Decision]:
    proposals = [
        propose(
            metric,
            reading,
            spec_replicas=seen.spec_replicas,
            status_replicas=seen.status_replicas,
            pods=seen.pods,
            tolerance=spec.tolerance,
            readiness=spec.flags.readiness,
            now=now,
        )
        for metric, reading in zip(spec.metrics, seen.readings, strict=True)
    ]
    proposed, proposed_by = 0, None
    for index, proposal in enumerate(proposals):
        if proposal is not None and (proposed == 0 or proposal > proposed):
            proposed, proposed_by = proposal, index
    current = seen.spec_replicas
    # A metric that is missing may hide a need, so it blocks only what would scale down.
    if proposed_by is None or (None in proposals and proposed < current):
        failed = spec.metrics[proposals.index(None)]
        return state, Decision(current, False, able="SucceededGetScale", active=_failure(failed))
    state, stable, able = _stabilise(spec, state, current, proposed, now)
    desired, limited = _limit(spec, state, current, stable, now)
    rescale = desired != current
    if proposed > current:
        reason = f"metric {spec.metrics[proposed_by].name} above target"
    else:
        reason = "All metrics below target" if proposed < current else ""
    return state, Decision(
        desired,
        rescale,
        reason if rescale else "",
        proposed,
        proposed_by,
        "SucceededRescale" if rescale else able,
        "ValidMetricFound",
        limited,
    )


def _failure(metric: Metric) -> str:
    match metric:
        case ExternalAverageValue() | ExternalValue():
            return "FailedGetExternalMetric"
        case PodsAverageValue():
            return "FailedGetPodsMetric"
        case CpuUtilization() | CpuAverageValue():
            return "FailedGetResourceMetric"
        case _:
            assert_never(metric)


def _stabilise(spec: HpaSpec, state: HpaState, current: int, proposed: int, now: Instant) -> tuple[HpaState, int, str]:
    """The proposal damped by the history, and the history with the raw proposal.

    A new entry takes the place of one that no window needs any more: that keeps the controller's memory bounded, and
    decides what it still knows after a window was lengthened.
    """
    history = state.recommendations or ()
    default = spec.flags.downscale_stabilization
    if spec.behavior is None:
        # Inclusive at the cutoff, and for both directions: a spike is followed even after it has gone.
        cutoff = now - default
        stable = max([proposed, *(entry.replicas for entry in history if entry.at >= cutoff)])
        old = [index for index, entry in enumerate(history) if entry.at < cutoff]
        able = "ScaleDownStabilized"
    else:
        up, down = (_cutoff(rules, span, now) for rules, span in ((spec.behavior.up, 0), (spec.behavior.down, default)))
        lowest = min([proposed, *(entry.replicas for entry in history if entry.at > up)])
        highest = max([proposed, *(entry.replicas for entry in history if entry.at > down)])
        stable = min(max(current, lowest), highest)
        old = [index for index, entry in enumerate(history) if entry.at < up and entry.at < down]
        able = "ScaleUpStabilized" if proposed >= current else "ScaleDownStabilized"
    entries = list(history)
    if old:
        entries[old[-1]] = Recommendation(now, proposed)
    else:
        entries.append(Recommendation(now, proposed))
    return replace(state, recommendations=tuple(entries)), stable, able if stable != proposed else "ReadyForNewScale"


def _cutoff(rules: ScalingRules, default: Instant, now: Instant) -> Instant:
    return now - (default if rules.window_s is None else rules.window_s * 1000)


def _limit(spec: HpaSpec, state: HpaState, current: int, stable: int, now: Instant) -> tuple[int, str]:
    """The stabilised count within the policies and [minimum, maximum], and the reason of ScalingLimited."""
    if spec.behavior is None:
        # scaleUpLimitFactor 2, scaleUpLimitMinimum 4; there is no limit downwards.
        highest, lowest = max(2 * current, 4), 0
    else:
        highest = limit_up(current, state.added, state.deleted, spec.behavior.up, now)
        lowest = limit_down(current, state.added, state.deleted, spec.behavior.down, now)
    most, most_why = (highest, "ScaleUpLimit") if spec.maximum > highest else (spec.maximum, "TooManyReplicas")
    least, least_why = (lowest, "ScaleDownLimit") if spec.minimum < lowest else (spec.minimum, "TooFewReplicas")
    if stable > most:
        return most, most_why
    if stable < least:
        return least, least_why
    return stable, "DesiredWithinRange"


def _remember(spec: HpaSpec, state: HpaState, before: int, after: int, at: Instant) -> HpaState:
    if spec.behavior is None:
        return state
    if after > before:
        return replace(state, added=store_event(state.added, after - before, spec.behavior.up, at))
    return replace(state, deleted=store_event(state.deleted, before - after, spec.behavior.down, at))
