"""Small plans, and what the emitters make of them, for tests that run a fleet."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from seatrial.compiler.model import CallerKind
from seatrial.compiler.plan import (
    BreakPlan,
    CallPlan,
    DemandPlan,
    DependencyPlan,
    Plan,
    PoolPlan,
    RetryPlan,
)
from seatrial.targets.envoy import EnvoyEmitter
from seatrial.targets.render import render
from seatrial.targets.runtime import RuntimeEmitter

from ...targets import plans

Json = Any
HERE = plans.AT
RETRY = RetryPlan(3, Fraction(1, 40), Fraction(1, 4), Fraction(1, 2))
EJECT = BreakPlan(3, None, Fraction(1), Fraction(1, 2), Fraction(10))


def pool(name: str, least: int, most: int, **changes: object) -> PoolPlan:
    """A pool of quick agents: 8 slots, 10 ms of work, half a second of start-up."""
    quick: dict[str, object] = {
        "agents_min": least,
        "agents_max": most,
        "image": None,
        "service_mean_seconds": Fraction(1, 100),
        "service_p99_seconds": Fraction(3, 100),
        "startup_seconds": Fraction(1, 2),
        "drain_seconds": 2,
        "surge": 1,
    }
    return plans.pool(name, **quick | changes)


def call(caller: str, callee: str, **changes: object) -> CallPlan:
    """A call between pools, once a request, within two seconds, without any policy."""
    return plans.call(caller, callee, **{"timeout_seconds": Fraction(2), **changes})


def serves(demand: str, callee: str, **changes: object) -> CallPlan:
    return call(demand, callee, caller_kind=CallerKind.DEMAND, **changes)


def demand(name: str, per_second: int, priority: int = 0) -> DemandPlan:
    rate = Fraction(per_second)
    return DemandPlan(name, rate, rate, None, None, priority, (), HERE)


def dependency(name: str, **changes: object) -> DependencyPlan:
    """Answers of 2 ms, and of 8 ms at p99."""
    times = {"latency_p50_seconds": Fraction(2, 1000), "latency_p99_seconds": Fraction(8, 1000)}
    return plans.dependency(name, **{**times, **changes})


def plan(
    demands: tuple[DemandPlan, ...],
    dependencies: tuple[DependencyPlan, ...],
    pools: tuple[PoolPlan, ...],
    calls: tuple[CallPlan, ...],
) -> Plan:
    return plans.fleet(fleet="desk", title="Desk", demands=demands, dependencies=dependencies, pools=pools, calls=calls)


def emit(made: Plan, folder: Path) -> Path:
    """Write what the runtime and Envoy targets make of a plan; returns the folder."""
    for emitter in (RuntimeEmitter(), EnvoyEmitter()):
        documents, _ = emitter.emit(made)
        for document in documents:
            path = folder / document.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(render(document, made))
    return folder
