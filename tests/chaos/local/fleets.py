"""Small plans, and what the emitters make of them, for tests that run a fleet."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from seatrial.compiler.model import CalleeKind, CallerKind, Route
from seatrial.compiler.plan import (
    BreakPlan,
    CallPlan,
    DemandPlan,
    DependencyPlan,
    Plan,
    PoolPlan,
    RetryPlan,
)
from seatrial.dsl.source import Source, Span
from seatrial.targets.envoy import EnvoyEmitter
from seatrial.targets.render import render
from seatrial.targets.runtime import RuntimeEmitter

Json = Any
HERE = Span(Source("a.fleet", "fleet a {}"), 0, 5)
NO_RETRY = RetryPlan(0, Fraction(1, 40), Fraction(1, 4), None)
RETRY = RetryPlan(3, Fraction(1, 40), Fraction(1, 4), Fraction(1, 2))
EJECT = BreakPlan(3, None, Fraction(1), Fraction(1, 2), Fraction(10))


def pool(name: str, least: int, most: int, **changes: object) -> PoolPlan:
    """A pool of quick agents: 8 slots, 10 ms of work, half a second of start-up."""
    return replace(
        PoolPlan(
            name=name,
            agents_min=least,
            agents_max=most,
            image=None,
            run=None,
            on=(),
            cpu_cores=Fraction(1, 10),
            memory_bytes=2**27,
            concurrency=8,
            service_mean_seconds=Fraction(1, 100),
            service_p99_seconds=Fraction(3, 100),
            startup_seconds=Fraction(1, 2),
            holds=(),
            scaling=None,
            health=None,
            disruption_min_available=None,
            drain_seconds=2,
            priority=0,
            surge=1,
            origin=HERE,
        ),
        **changes,  # type: ignore[arg-type]
    )


def call(caller: str, callee: str, **changes: object) -> CallPlan:
    """A call between pools, once a request, within two seconds, without any policy."""
    return replace(
        CallPlan(
            caller_kind=CallerKind.POOL,
            caller=caller,
            callee_kind=CalleeKind.POOL,
            callee=callee,
            per_request=Fraction(1),
            tokens_per_call=None,
            timeout_seconds=Fraction(2),
            try_timeout_seconds=None,
            retry=NO_RETRY,
            breaker=None,
            limit=None,
            shed_on_failure=None,
            shed_on_latency=None,
            route=Route.LEAST_LOADED,
            route_header=None,
            origin=HERE,
        ),
        **changes,  # type: ignore[arg-type]
    )


def serves(demand: str, callee: str, **changes: object) -> CallPlan:
    return call(demand, callee, caller_kind=CallerKind.DEMAND, **changes)


def demand(name: str, per_second: int, priority: int = 0) -> DemandPlan:
    rate = Fraction(per_second)
    return DemandPlan(name, rate, rate, None, None, priority, (), HERE)


def dependency(name: str, **changes: object) -> DependencyPlan:
    return replace(
        DependencyPlan(name, None, None, None, Fraction(2, 1000), Fraction(8, 1000), HERE),
        **changes,  # type: ignore[arg-type]
    )


def plan(
    demands: tuple[DemandPlan, ...],
    dependencies: tuple[DependencyPlan, ...],
    pools: tuple[PoolPlan, ...],
    calls: tuple[CallPlan, ...],
) -> Plan:
    return Plan(
        fleet="desk",
        title="Desk",
        version="0",
        digest="0",
        nodes=(),
        survive=(),
        demands=demands,
        dependencies=dependencies,
        pools=pools,
        calls=calls,
        budgets=(),
        quorums=(),
        latency=(),
        success=(),
        recovery=(),
        cost=(),
        trials=(),
    )


def emit(made: Plan, folder: Path) -> Path:
    """Write what the runtime and Envoy targets make of a plan; returns the folder."""
    for emitter in (RuntimeEmitter(), EnvoyEmitter()):
        documents, _ = emitter.emit(made)
        for document in documents:
            path = folder / document.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(render(document, made))
    return folder
