"""The local autoscaler is the manifests' HorizontalPodAutoscaler."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from seatrial.chaos.local.autoscaler import hpa_spec
from seatrial.chaos.local.document import load
from seatrial.chaos.local.envoy import HostStats
from seatrial.chaos.local.metrics import HostSampler, Reading, signal_between
from seatrial.compiler.model import Signal
from seatrial.compiler.plan import Plan, ScalingPlan, StepPolicy
from seatrial.compiler.semantics.hpa_behavior import PolicyType
from seatrial.compiler.semantics.hpa_metrics import CpuUtilization, PodsAverageValue
from seatrial.targets.kubernetes.autoscaler import autoscaler

from . import fleets


def _plan(signal: Signal, target: Fraction) -> tuple[Plan, ScalingPlan]:
    scaling = ScalingPlan(signal, target, 15, 5000, StepPolicy(Fraction(1, 3), 15), StepPolicy(Fraction(1, 10), 3600))
    pools = (fleets.pool("triage", 2, 9, scaling=scaling),)
    return fleets.plan((fleets.demand("tickets", 5),), (), pools, (fleets.serves("tickets", "triage"),)), scaling


@pytest.mark.parametrize(
    ("signal", "target"),
    [
        (Signal.BUSY, Fraction(6, 10)),
        (Signal.QUEUE, Fraction(100)),
        (Signal.RATE, Fraction(205, 10)),
        (Signal.IN_FLIGHT, Fraction(6)),
        (Signal.CPU, Fraction(7, 10)),
    ],
)
def test_it_decides_by_what_the_manifest_says(tmp_path: Path, signal: Signal, target: Fraction) -> None:
    plan, scaling = _plan(signal, target)
    pool = load(fleets.emit(plan, tmp_path) / "runtime" / "fleet.json").pool("triage")
    assert pool.scaling is not None
    spec = hpa_spec(pool.scaling, pool.agents_min, pool.agents_max)
    manifest: fleets.Json = autoscaler(plan, plan.pools[0], scaling, sidecar=False)["spec"]
    assert (spec.minimum, spec.maximum) == (manifest["minReplicas"], manifest["maxReplicas"])
    metric, written = spec.metrics[0], manifest["metrics"][0]
    if isinstance(metric, CpuUtilization):
        assert metric.target_percent == written["resource"]["target"]["averageUtilization"]
    else:
        assert isinstance(metric, PodsAverageValue)
        amount = written["pods"]["target"]["averageValue"]
        assert metric.target_milli == (int(amount[:-1]) if amount.endswith("m") else int(amount) * 1000)
    assert spec.behavior is not None
    for rules, direction in ((spec.behavior.up, "scaleUp"), (spec.behavior.down, "scaleDown")):
        stated = manifest["behavior"][direction]
        assert rules.window_s == stated["stabilizationWindowSeconds"]
        (policy,) = stated["policies"]
        assert [(one.type, one.value, one.period_s) for one in rules.policies] == [
            (PolicyType(policy["type"]), policy["value"], policy["periodSeconds"])
        ]


def _signals(tmp_path: Path, before: Reading, after: Reading) -> dict[str, float | None]:
    plan, _ = _plan(Signal.BUSY, Fraction(6, 10))
    pool = load(fleets.emit(plan, tmp_path) / "runtime" / "fleet.json").pool("triage")
    names = ("queue", "rate", "in flight", "busy", "cpu")
    return {name: signal_between(pool, name, before, after) for name in names}


def test_signals_are_means_between_two_readings(tmp_path: Path) -> None:
    before = Reading(100.0, 10, 4.0, 2.0, 1.0)
    after = Reading(110.0, 60, 44.0, 22.0, 21.0)
    assert _signals(tmp_path, before, after) == {
        "queue": 2.0,
        "rate": 5.0,
        "in flight": 6.0,
        "busy": 0.5,
        "cpu": 0.25,
    }


def test_of_a_users_command_envoy_tells_all_but_its_cpu(tmp_path: Path) -> None:
    sampler = HostSampler()
    for second in range(3):
        hosts = [HostStats("a--triage", 4000, 10 * second, 6), HostStats("b--triage", 4000, 5 * second, 4)]
        sampler.sample([*hosts, HostStats("a--other", 5000, 99, 99)], {4000: 8}, float(second))
    first, last = Reading(0.0, 0.0, 0.0, None, 0.0), sampler._sums[4000]
    assert 5000 not in sampler._sums
    assert _signals(tmp_path, first, last) == {"queue": 2.0, "rate": 15.0, "in flight": 10.0, "busy": 1.0, "cpu": None}
