"""`compiled/runtime/fleet.json` -> the part of it that a local fleet runs by, typed.

Invariant: nothing is filled in; what the document leaves open (null) is None here. Numbers are exact: a JSON decimal
becomes the fraction that it spells. The document's own schema (`fleet.schema.json`) is its full description.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from .contained import Contained, contained

SCHEMA = "seatrial/runtime/v1"


class UnreadableDocument(Exception):
    """Not a runtime document of the schema that this version knows; a compiler and a trial that do not fit."""


@dataclass(frozen=True, slots=True)
class Demand:
    name: str
    steady_per_second: Fraction
    priority: int


@dataclass(frozen=True, slots=True)
class Dependency:
    name: str
    latency_p50_seconds: Fraction | None
    latency_p99_seconds: Fraction | None
    requests_per_second: Fraction | None
    tokens_per_second: Fraction | None
    connections: int | None


@dataclass(frozen=True, slots=True)
class Step:
    share: Fraction
    period_seconds: int


@dataclass(frozen=True, slots=True)
class Scaling:
    """`signal` is "queue", "rate", "in flight" (target per agent), "busy" or "cpu" (target a share of 1)."""

    signal: str
    target: Fraction
    up_window_seconds: int
    down_window_seconds: int
    up: Step
    down: Step


@dataclass(frozen=True, slots=True)
class Health:
    every_seconds: int
    fails_after: int
    timeout_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """`holds` are (dependency, connections that each agent keeps open to it)."""

    name: str
    agents_min: int
    agents_max: int
    concurrency: int
    service_mean_seconds: Fraction | None
    service_p99_seconds: Fraction | None
    startup_seconds: Fraction
    drain_seconds: int
    run: str | None
    holds: tuple[tuple[str, int], ...]
    scaling: Scaling | None
    health: Health | None
    startup_limit_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Shedding:
    """The callee refuses requests of `priority` and below while its latency's quantile is above the bound."""

    priority: int
    quantile: Fraction
    above_seconds: Fraction


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    from_demand: bool
    caller: str
    to_dependency: bool
    callee: str
    per_request: Fraction
    tokens_per_call: Fraction | None
    timeout_seconds: Fraction | None
    retries: int
    pending: int | None
    admits_per_second: Fraction | None
    """Requests a second that one calling agent may send; None without a rate."""
    eject_share: Fraction | None
    """Most of the callee's agents that may be put aside; None without a breaker."""
    shedding: Shedding | None


@dataclass(frozen=True, slots=True)
class Quorum:
    name: str
    pool: str
    members: int


@dataclass(frozen=True, slots=True)
class RuntimeDocument:
    fleet: str
    demands: tuple[Demand, ...]
    dependencies: tuple[Dependency, ...]
    pools: tuple[Pool, ...]
    calls: tuple[Call, ...]
    quorums: tuple[Quorum, ...]
    contained: Contained = field(default_factory=Contained)

    def pool(self, name: str) -> Pool:
        return next(pool for pool in self.pools if pool.name == name)

    def dependency(self, name: str) -> Dependency:
        return next(one for one in self.dependencies if one.name == name)

    def calls_from(self, caller: str) -> tuple[Call, ...]:
        return tuple(call for call in self.calls if call.caller == caller)

    def calls_to(self, callee: str) -> tuple[Call, ...]:
        return tuple(call for call in self.calls if call.callee == callee)


def load(path: Path) -> RuntimeDocument:
    """Read a runtime document. Raises UnreadableDocument, which says what is wrong."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"), parse_float=Fraction)
    except (OSError, ValueError) as error:
        raise UnreadableDocument(f"{path}: {error}") from error
    if not isinstance(body, dict) or body.get("schema") != SCHEMA:
        raise UnreadableDocument(f"{path}: not a document of schema {SCHEMA}")
    try:
        return RuntimeDocument(
            fleet=body["fleet"],
            demands=tuple(
                Demand(one["name"], Fraction(one["steady_per_second"]), one["priority"]) for one in body["demands"]
            ),
            dependencies=tuple(_dependency(one) for one in body["dependencies"]),
            pools=tuple(_pool(one) for one in body["pools"]),
            calls=tuple(_call(one) for one in body["calls"]),
            quorums=tuple(Quorum(one["name"], one["pool"], one["members"]) for one in body["quorums"]),
            contained=contained(body),
        )
    except (KeyError, TypeError) as error:
        raise UnreadableDocument(f"{path}: {type(error).__name__} {error}") from error


def _exact(value: Any) -> Fraction | None:
    return None if value is None else Fraction(value)


def _dependency(one: dict[str, Any]) -> Dependency:
    latency = one["latency"] or {}
    return Dependency(
        one["name"],
        _exact(latency.get("p50_seconds")),
        _exact(latency.get("p99_seconds")),
        _exact(one["requests_per_second"]),
        _exact(one["tokens_per_second"]),
        one["connections"],
    )


def _pool(one: dict[str, Any]) -> Pool:
    service = one["service"] or {}
    scaling, health = one["scaling"], one["health"]
    return Pool(
        name=one["name"],
        agents_min=one["agents"]["min"],
        agents_max=one["agents"]["max"],
        concurrency=one["concurrency"],
        service_mean_seconds=_exact(service.get("mean_seconds")),
        service_p99_seconds=_exact(service.get("p99_seconds")),
        startup_seconds=Fraction(one["startup_seconds"]),
        startup_limit_seconds=one.get("startup_limit_seconds"),
        drain_seconds=one["drain_seconds"],
        run=one["run"],
        holds=tuple((hold["dependency"], hold["connections"]) for hold in one["holds"]),
        scaling=None
        if scaling is None
        else Scaling(
            scaling["signal"],
            Fraction(scaling["target"]),
            scaling["up_window_seconds"],
            scaling["down_window_seconds"],
            Step(Fraction(scaling["up"]["share"]), scaling["up"]["period_seconds"]),
            Step(Fraction(scaling["down"]["share"]), scaling["down"]["period_seconds"]),
        ),
        health=None
        if health is None
        else Health(health["every_seconds"], health["fails_after"], health.get("timeout_seconds")),
    )


def _call(one: dict[str, Any]) -> Call:
    breaker, limit, shed = one["breaker"], one["limit"], one["shed_on_latency"]
    return Call(
        name=one["name"],
        from_demand=one["caller_kind"] == "demand",
        caller=one["caller"],
        to_dependency=one["callee_kind"] == "dependency",
        callee=one["callee"],
        per_request=Fraction(one["per_request"]),
        tokens_per_call=_exact(one["tokens_per_call"]),
        timeout_seconds=_exact(one["timeout_seconds"]),
        retries=one["retry"]["attempts"],
        pending=None if limit is None else limit["pending"],
        admits_per_second=None if one["admit"] is None else Fraction(one["admit"]["per_second"]),
        eject_share=None if breaker is None else Fraction(breaker["eject_share"]),
        shedding=None
        if shed is None
        else Shedding(shed["priority"], Fraction(shed["quantile"]), Fraction(shed["above_seconds"])),
    )
