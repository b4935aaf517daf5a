"""Pools of agents."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from seatrial.dsl.source import Span

from .failing import Degrade, Restarts, Skill
from .money import Economics, Overhead
from .order import Pattern
from .stated import Stated


@dataclass(frozen=True, slots=True)
class Holding:
    """Connections that each agent of a pool keeps open to a dependency."""

    at: Span
    dependency: str
    connections: Stated[int]


@dataclass(frozen=True, slots=True)
class MemoryHolding:
    """Memory of a dependency that each agent of a pool takes up."""

    at: Span
    dependency: str
    bytes_each: Stated[int]


@dataclass(frozen=True, slots=True)
class Links:
    """What each agent keeps of an operating system's own, threads or neighbours, for each other agent and besides."""

    at: Span
    each: Stated[Fraction]
    more: Stated[int] | None
    limit: Stated[int]


@dataclass(frozen=True, slots=True)
class Sidecar:
    """What is injected into an agent's pod beside it asks for."""

    at: Span
    cpu_cores: Stated[Fraction]
    memory_bytes: Stated[int]


@dataclass(frozen=True, slots=True)
class Agent:
    """What one agent of a pool is and needs. `service` is its own work, without the calls it makes."""

    at: Span
    cpu_cores: Stated[Fraction] | None
    memory_bytes: Stated[int] | None
    dollars_per_hour: Stated[Fraction] | None
    concurrency: Stated[int]
    """Requests that one agent has in hand at once, waiting for its own calls included."""
    service_mean_seconds: Stated[Fraction] | None
    service_p99_seconds: Stated[Fraction] | None
    startup_seconds: Stated[Fraction]
    holds: tuple[Holding, ...] = ()
    gpus: Stated[int] | None = None
    memory_holds: tuple[MemoryHolding, ...] = ()
    links: Links | None = None
    start_work_seconds: Stated[Fraction] | None = None
    """Cpu time that one start takes, in seconds of one core."""
    start_limit_seconds: Stated[Fraction] | None = None
    """A start that takes longer is given up."""
    request_bytes: Stated[int] | None = None
    """Memory that one request in hand takes."""
    sidecar: Sidecar | None = None

    @property
    def pod_cpu_cores(self) -> Fraction | None:
        """What its pod asks for, the sidecar that is stated included; None where the agent states nothing."""
        if self.cpu_cores is None:
            return None
        cores = self.cpu_cores.value
        return cores if self.sidecar is None else cores + self.sidecar.cpu_cores.value

    @property
    def pod_memory_bytes(self) -> int | None:
        """Likewise."""
        if self.memory_bytes is None:
            return None
        return self.memory_bytes.value + (self.sidecar.memory_bytes.value if self.sidecar is not None else 0)


class Signal(StrEnum):
    """What the autoscaler looks at; the target is per agent, or a share for the last two."""

    QUEUE = "queue"
    RATE = "rate"
    IN_FLIGHT = "in flight"
    BUSY = "busy"
    CPU = "cpu"


@dataclass(frozen=True, slots=True)
class Scaling:
    """`target`: items, requests per second or requests in flight per agent; for busy and cpu a share of 1."""

    at: Span
    signal: Signal
    target: Stated[Fraction]
    up_within_seconds: Stated[Fraction] | None
    down_over_seconds: Stated[Fraction]
    step_share: Stated[Fraction]
    """The most that is added or removed in one period, as a share of the current count."""
    step_period_seconds: Stated[Fraction]


@dataclass(frozen=True, slots=True)
class Health:
    at: Span
    every_seconds: Stated[Fraction]
    fails_after: Stated[int]
    restarts: Restarts | None = None
    behind_seconds: Stated[Fraction] | None = None
    """A check waits for a slot as a request does, and fails after this time. None: it is answered beside them."""


@dataclass(frozen=True, slots=True)
class Disruption:
    """At most this many agents may be gone by choice at once: a share of 1, or a count."""

    at: Span
    share: Stated[Fraction] | None
    count: Stated[int] | None


@dataclass(frozen=True, slots=True)
class Pool:
    name: str
    at: Span
    agents_min: Stated[int]
    agents_max: Stated[int]
    each: Agent
    image: Stated[str] | None
    run: Stated[str] | None
    """A command line of the user's that is one agent; `{port}` stands for the port it must listen on."""
    on: tuple[Stated[str], ...]
    """Node classes that the pool may use; empty: all."""
    scaling: Scaling | None
    health: Health | None
    disruption: Disruption | None
    drain_seconds: Stated[Fraction]
    priority: Stated[int] | None
    degrade: tuple[Degrade, ...] = ()
    push_back: Stated[int] | None = None
    """An agent with as many requests waiting refuses more."""
    skills: tuple[Skill, ...] = ()
    economics: Economics | None = None
    overhead: Overhead | None = None
    pattern: Pattern | None = None

    @property
    def agents_most(self) -> Stated[int]:
        """As many as there will ever be: a range that nothing scales stays at its lower end."""
        return self.agents_max if self.scaling is not None else self.agents_min

    @property
    def divided(self) -> tuple[Fraction, ...]:
        """The shares of its requests by which its agents are divided; empty: any agent may take any request."""
        if not self.skills:
            return ()
        shares = tuple(skill.share.value for skill in self.skills if skill.share.value)
        return () if len(shares) == 1 and shares[0] == 1 else shares

    @property
    def may_be_empty(self) -> bool:
        """Nobody is there while nothing waits in its queue."""
        return self.agents_min.value == 0
