"""A pool's scaling clause and what its agents measure -> how many agents it should have, as the HPA decides.

Invariant: the decision is `compiler/semantics/hpa.py`'s alone; here its inputs are gathered and its answer is carried
out. Its spec is what the manifests hold: one metric per pod (for cpu a share of the request), both directions written.

Source: https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from seatrial.compiler.semantics.hpa import Decision, HpaSpec, HpaState, Seen, step
from seatrial.compiler.semantics.hpa_behavior import Behavior, Policy, PolicyType, ScalingRules
from seatrial.compiler.semantics.hpa_metrics import CpuUtilization, Metric, Phase, Pod, PodsAverageValue, PodsReading
from seatrial.compiler.semantics.scaling import MAX_PERIOD_S, MAX_WINDOW_S

from .document import Pool, Scaling, Step
from .metrics import Reading, signal_between
from .records import Events
from .replica_set import ReplicaSet
from .state import AgentState

_CPU_REQUEST_MILLI = 1000
"""A share of cpu is measured, so any request does; this one makes it thousandths."""


def hpa_spec(scaling: Scaling, agents_min: int, agents_max: int) -> HpaSpec:
    """The autoscaler of a pool whose bounds are the local ones."""
    metric: Metric
    if scaling.signal == "cpu":
        metric = CpuUtilization(max(1, math.ceil(scaling.target * 100)))
    else:
        metric = PodsAverageValue(scaling.signal, max(1, round(scaling.target * 1000)))
    behavior = Behavior(
        _rules(scaling.up_window_seconds, scaling.up), _rules(scaling.down_window_seconds, scaling.down)
    )
    return HpaSpec(max(1, agents_min), max(1, agents_max), (metric,), behavior)


def _rules(window_seconds: int, step: Step) -> ScalingRules:
    percent = max(1, math.ceil(step.share * 100))
    policy = Policy(PolicyType.PERCENT, percent, min(MAX_PERIOD_S, step.period_seconds))
    return ScalingRules((policy,), window_s=min(MAX_WINDOW_S, window_seconds))


@dataclass(frozen=True, slots=True)
class Sync:
    """One decision: `metric` is the mean over the agents that were measured, None when none was."""

    metric: float | None
    current: int
    decision: Decision


class Autoscaler:
    """The HPA of one pool."""

    def __init__(self, pool: Pool, scaling: Scaling, agents_min: int, agents_max: int, events: Events) -> None:
        self._pool, self._scaling, self._events = pool, scaling, events
        self._spec = hpa_spec(scaling, agents_min, agents_max)
        self._state = HpaState()
        self._before: dict[str, Reading] = {}

    def sync(self, replicas: ReplicaSet, readings: Mapping[str, Reading], *, now: float) -> Sync:
        """Decide from the readings of now and those of the last sync, and tell the replica set.

        `now` is seconds on CLOCK_MONOTONIC.
        """
        values = self._values(replicas, readings)
        seen = Seen(
            spec_replicas=replicas.wanted,
            status_replicas=len(replicas.present),
            readings=(
                PodsReading(
                    {name: math.floor(value * 1000) for name, value in values.items()} or None,
                    sampled=_milliseconds(now),
                    window=15_000,
                ),
            ),
            pods=_pods(replicas),
        )
        self._state, decision = step(self._spec, self._state, seen, _milliseconds(now))
        metric = sum(values.values()) / len(values) if values else None
        self._events.add(
            "autoscaler",
            pool=self._pool.name,
            metric=None if metric is None else round(metric, 4),
            target=float(self._scaling.target),
            current=seen.spec_replicas,
            desired=decision.desired,
            reason=decision.reason or decision.limited or decision.active,
        )
        if decision.rescale:
            replicas.want(decision.desired)
        return Sync(metric, seen.spec_replicas, decision)

    def _values(self, replicas: ReplicaSet, readings: Mapping[str, Reading]) -> dict[str, float]:
        values = {}
        for agent in replicas.agents:
            after = readings.get(agent.name)
            if after is None or agent.ready_since is None:
                continue
            # A new agent's sums are 0 until it is ready: its mean is over its own time, not the whole period.
            before = self._before.get(agent.name, Reading(agent.ready_since, 0.0, 0.0, 0.0, 0.0))
            value = signal_between(self._pool, self._scaling.signal, before, after)
            if value is not None:
                values[agent.name] = value
        self._before = dict(readings)
        return values


def _pods(replicas: ReplicaSet) -> dict[str, Pod]:
    pods = {}
    for agent in replicas.agents:
        ready = agent.state is AgentState.READY
        pods[agent.name] = Pod(
            phase=Phase.RUNNING,
            ready=ready,
            started=_milliseconds(agent.started),
            ready_since=_milliseconds(agent.ready_since or agent.started),
            terminating=agent.state is AgentState.TERMINATING,
            cpu_request_milli=_CPU_REQUEST_MILLI,
        )
    return pods


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
