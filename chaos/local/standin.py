"""What a stand-in (agent or dependency) is told -> a JSON file beside it, and back.

Invariant: a stand-in knows nothing but its file, its sockets and its seed: no plan, no document, no scale.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .records import replace
from .shedding import ShedRule


@dataclass(frozen=True, slots=True)
class Draw:
    """A log-normal: exp(N(mu, sigma^2)) seconds."""

    mu: float
    sigma: float


@dataclass(frozen=True, slots=True)
class OutgoingCall:
    """One edge: Envoy's listener for it, and how often it is called for each request. `timeout_seconds` is Envoy's."""

    callee: str
    port: int
    per_request: float
    tokens: float | None
    timeout_seconds: float | None


@dataclass(frozen=True, slots=True)
class Holding:
    dependency: str
    port: int
    connections: int


@dataclass(frozen=True, slots=True)
class DegradeStep:
    """What an agent does instead while more than `above_busy` of its slots are taken."""

    above_busy: float
    service: Draw
    makes_calls: bool


@dataclass(frozen=True, slots=True)
class AgentSettings:
    pool: str
    concurrency: int
    pending: int | None
    service: Draw | None
    startup_seconds: float
    drain_seconds: float
    shedding: tuple[ShedRule, ...]
    calls: tuple[OutgoingCall, ...]
    holds: tuple[Holding, ...]
    degradation: tuple[DegradeStep, ...] = ()
    """The least busy first."""


@dataclass(frozen=True, slots=True)
class DependencySettings:
    """Rates a second and depths of the buckets; None: no limit."""

    name: str
    latency: Draw | None
    requests_per_second: float | None
    requests_burst: float | None
    tokens_per_second: float | None
    tokens_burst: float | None
    connections: int | None


def write_settings(path: Path, settings: AgentSettings | DependencySettings) -> None:
    replace(path, dataclasses.asdict(settings))


def read_agent(path: Path) -> AgentSettings:
    body = json.loads(path.read_text(encoding="utf-8"))
    return AgentSettings(
        **{
            **body,
            "service": _draw(body["service"]),
            "shedding": tuple(ShedRule(**one) for one in body["shedding"]),
            "calls": tuple(OutgoingCall(**one) for one in body["calls"]),
            "holds": tuple(Holding(**one) for one in body["holds"]),
            "degradation": tuple(
                DegradeStep(one["above_busy"], Draw(**one["service"]), one["makes_calls"])
                for one in body["degradation"]
            ),
        }
    )


def read_dependency(path: Path) -> DependencySettings:
    body = json.loads(path.read_text(encoding="utf-8"))
    return DependencySettings(**{**body, "latency": _draw(body["latency"])})


def _draw(body: dict[str, Any] | None) -> Draw | None:
    return None if body is None else Draw(**body)
