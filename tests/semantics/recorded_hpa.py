"""The recorded syncs of a real autoscaler controller -> the arguments of `hpa.step`, and what the controller did.

`hpa_traces.json.xz` was recorded from kube-controller-manager 1.36.2 (API server, scheduler and etcd real; kubelets
and metric back ends simulated). Times are microseconds from the start of each scenario, quantities milli-units; pods
and values that are absent from a sync are those of the one before.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from seatrial.compiler.semantics.controller import Instant
from seatrial.compiler.semantics.hpa import ControllerFlags, HpaSpec, Seen
from seatrial.compiler.semantics.hpa_behavior import Behavior, Policy, PolicyType, ScalingRules, Select
from seatrial.compiler.semantics.hpa_metrics import (
    CpuAverageValue,
    CpuUtilization,
    ExternalAverageValue,
    ExternalReading,
    ExternalValue,
    Metric,
    Phase,
    Pod,
    PodsAverageValue,
    PodsReading,
    Readiness,
    Reading,
)

from .one_metric import milli

TRACES = Path(__file__).with_name("hpa_traces.json.xz")
PHASES = {"P": Phase.PENDING, "R": Phase.RUNNING, "S": Phase.SUCCEEDED, "F": Phase.FAILED}


@dataclass(frozen=True, slots=True)
class Recorded:
    """One sync: its input, and what the controller proposed (None: it could not, or did not ask) and wrote."""

    spec: HpaSpec
    seen: Seen
    now: Instant
    written_at: Instant | None
    restarted: bool
    proposed: int | None
    rescaled: int | None
    desired: int
    reason: str
    conditions: tuple[str, str, str]


@cache
def traces() -> dict[str, Any]:
    document = json.loads(lzma.decompress(TRACES.read_bytes()))
    return {trace["name"]: trace for trace in document["traces"]}


@dataclass(slots=True)
class _Carried:
    """What an absent field means: the last pods, and the last values of each metric."""

    pods: dict[str, Pod] = field(default_factory=dict)
    values: dict[int, dict[str, int] | None] = field(default_factory=dict)


def syncs(name: str) -> Iterator[Recorded]:
    trace = traces()[name]
    carried = _Carried()
    previous = -1
    for sync in trace["syncs"]:
        at = sync["t"]
        spec = _spec([entry["spec"] for entry in trace["specs"] if entry["from_us"] <= at][-1], trace)
        _carry_pods(sync, trace, carried)
        readings = tuple(_reading(i, m, trace, carried) for i, m in enumerate(sync.get("metrics", ())))
        missing = tuple(ExternalReading(None) for _ in spec.metrics[len(readings) :])
        yield Recorded(
            spec,
            Seen(sync["spec"], sync["status"], readings + missing, dict(carried.pods)),
            _ms(sync.get("now", at)),
            _ms(sync["written"]) if "written" in sync else None,
            any(previous < restart <= at for restart in trace["restarts_us"]),
            sync.get("proposed"),
            sync.get("rescaled"),
            sync["desired"],
            sync.get("reason", ""),
            tuple(sync["why"]),
        )
        previous = at


def _ms(micros: int) -> Fraction:
    return Fraction(micros, 1000)


def _carry_pods(entry: dict[str, Any], trace: dict[str, Any], carried: _Carried) -> None:
    if "pods" in entry:
        carried.pods = {
            name: Pod(
                PHASES[phase],
                None if ready is None else bool(ready),
                None if started is None else _ms(started),
                None if since is None else _ms(since),
                bool(terminating),
                trace["cpu_request_milli"],
            )
            for name, (phase, ready, started, since, terminating) in entry["pods"].items()
        }


def _reading(index: int, entry: dict[str, Any], trace: dict[str, Any], carried: _Carried) -> Reading:
    _carry_pods(entry, trace, carried)
    if "series" in entry:
        return ExternalReading(None if entry["series"] == "error" else tuple(entry["series"]))
    if "values" in entry:
        carried.values[index] = entry["values"]
    values = carried.values[index]
    if "ts" not in entry:
        return PodsReading(values)
    return PodsReading(values, _ms(entry["ts"]), entry["window_s"] * 1000)


def _spec(document: dict[str, Any], trace: dict[str, Any]) -> HpaSpec:
    behavior = document.get("behavior")
    return HpaSpec(
        document["minReplicas"],
        document["maxReplicas"],
        tuple(_metric(metric) for metric in document["metrics"]),
        Behavior(_rules(behavior["scaleUp"]), _rules(behavior["scaleDown"])) if behavior is not None else None,
        ControllerFlags(readiness=Readiness(cpu_initialization=trace["cpu_initialization_s"] * 1000)),
    )


def _rules(rules: dict[str, Any]) -> ScalingRules:
    return ScalingRules(
        tuple(Policy(PolicyType(p["type"]), p["value"], p["periodSeconds"]) for p in rules["policies"]),
        Select(rules["selectPolicy"]),
        rules.get("stabilizationWindowSeconds"),
        _quantity(rules["tolerance"]) if "tolerance" in rules else None,
    )


def _metric(metric: dict[str, Any]) -> Metric:
    match metric:
        case {"external": {"metric": {"name": name}, "target": {"averageValue": value}}}:
            return ExternalAverageValue(name, milli(_quantity(value)))
        case {"external": {"metric": {"name": name}, "target": {"value": value}}}:
            return ExternalValue(name, milli(_quantity(value)))
        case {"resource": {"name": "cpu", "target": {"averageUtilization": percent}}}:
            return CpuUtilization(percent)
        case {"resource": {"name": "cpu", "target": {"averageValue": value}}}:
            return CpuAverageValue(milli(_quantity(value)))
        case {"pods": {"metric": {"name": name}, "target": {"averageValue": value}}}:
            return PodsAverageValue(name, milli(_quantity(value)))
        case _:
            raise ValueError(f"metric {metric}")


def _quantity(text: str) -> Fraction:
    return Fraction(text[:-1]) / 1000 if text.endswith("m") else Fraction(text)
