"""A pool or a dependency -> the command, environment and sockets of one of its processes.

Invariant: a stand-in is handed sockets that are bound already (and accept nothing until it listens), so nothing else
can take its port; a command of the user's gets a port below the range from which the system takes client ports.
"""

from __future__ import annotations

import math
import random
import re
import shlex
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from .agent import STARTED
from .document import Dependency, Pool, RuntimeDocument
from .envoy import Unavailable
from .scale import LocalSize
from .shedding import ShedRule
from .standin import AgentSettings, DegradeStep, DependencySettings, Draw, Holding, OutgoingCall, write_settings
from .tether import Child, Tether
from .times import latency_times, service_times

_PORTS = range(20_000, 32_768)
_TRIES = 200


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a process listens on 127.0.0.1: for requests and, a dependency, for connections that are held."""

    requests: int
    connections: int = 0


def bound_socket(port: int = 0) -> socket.socket:
    """A socket bound to 127.0.0.1 that does not listen: connecting to it is refused."""
    bound = socket.socket()
    try:
        bound.bind(("127.0.0.1", port))
    except OSError:
        bound.close()
        raise
    return bound


def seed_of(seed: int, name: str) -> int:
    """A seed of its own for each process, the same in each run."""
    return random.Random(f"{seed}/{name}").getrandbits(48)


def start_dependency(tether: Tether, folder: Path, one: Dependency, size: LocalSize, seed: int) -> tuple[Child, Ports]:
    """Start a dependency's stand-in; its settings and its log go to `folder`."""
    path = folder / f"{one.name}.json"
    write_settings(path, _dependency_settings(one, size))
    with bound_socket() as requests, bound_socket() as connections, (folder / f"{one.name}.log").open("wb") as log:
        child = tether.spawn(
            one.name,
            [
                *_module("dependency"),
                str(path.resolve()),
                f"--socket={requests.fileno()}",
                f"--connections={connections.fileno()}",
                f"--seed={seed_of(seed, one.name)}",
            ],
            output=log,
            pass_descriptors=(requests.fileno(), connections.fileno()),
        )
        return child, Ports(requests.getsockname()[1], connections.getsockname()[1])


class Launcher:
    """Starts the agents of one pool. `folder` takes settings and logs; `cwd` is where a command of the user's runs."""

    def __init__(
        self,
        tether: Tether,
        folder: Path,
        pool: Pool,
        settings: AgentSettings,
        *,
        cwd: Path,
        command: Sequence[str] | None,
        seed: int,
    ) -> None:
        self._tether, self._folder, self._pool, self._cwd, self._seed = tether, folder, pool, cwd, seed
        self._command = command
        self._settings = settings
        self._path = folder / f"{pool.name}.json"
        self._random = random.Random(f"{seed}/{pool.name}/ports")
        write_settings(self._path, settings)

    @property
    def stand_in(self) -> bool:
        return self._command is None

    def log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def start(self, name: str) -> tuple[Child, int]:
        """Start an agent; its process and the port that it will listen on."""
        return self._start_command(name, self._command) if self._command is not None else self._start_stand_in(name)

    def _start_stand_in(self, name: str) -> tuple[Child, int]:
        with bound_socket() as listener, self.log(name).open("wb") as log:
            child = self._tether.spawn(
                name,
                [
                    *_module("agent"),
                    str(self._path.resolve()),
                    f"--socket={listener.fileno()}",
                    f"--name={name}",
                    f"--seed={seed_of(self._seed, name)}",
                ],
                environment={STARTED: str(time.monotonic())},
                output=log,
                pass_descriptors=(listener.fileno(),),
            )
            return child, listener.getsockname()[1]

    def _start_command(self, name: str, command: Sequence[str]) -> tuple[Child, int]:
        port = self._free_port()
        environment = {
            "SEATRIAL_PORT": str(port),
            "SEATRIAL_POOL": self._pool.name,
            "SEATRIAL_AGENT": name,
            **{
                f"SEATRIAL_CALL_{_variable(one.callee)}": f"http://127.0.0.1:{one.port}" for one in self._settings.calls
            },
            **{f"SEATRIAL_HOLD_{_variable(one.dependency)}": f"127.0.0.1:{one.port}" for one in self._settings.holds},
        }
        with self.log(name).open("wb") as log:
            child = self._tether.spawn(
                name,
                [word.replace("{port}", str(port)) for word in command],
                cwd=self._cwd,
                environment=environment,
                output=log,
            )
        return child, port

    def _free_port(self) -> int:
        for _ in range(_TRIES):
            port = self._random.choice(_PORTS)
            try:
                bound_socket(port).close()
            except OSError:
                continue
            return port
        raise OSError(f"no free port in {_PORTS.start}..{_PORTS.stop - 1}")


def command_of(pool: Pool) -> tuple[str, ...] | Unavailable | None:
    """The words of a pool's `run`, None for a stand-in. No shell is involved."""
    if pool.run is None:
        return None
    try:
        words = tuple(shlex.split(pool.run))
    except ValueError as error:
        return Unavailable(f"pool {pool.name}: the command {pool.run!r} cannot be split into words: {error}")
    return words or Unavailable(f"pool {pool.name}: its command is empty")


def agent_settings(
    document: RuntimeDocument,
    pool: Pool,
    size: LocalSize,
    listeners: Mapping[str, int],
    dependencies: Mapping[str, Ports],
) -> AgentSettings:
    """What an agent of `pool` is told, once Envoy's listeners and the dependencies' ports are known."""
    service = None
    if pool.service_mean_seconds is not None and pool.service_mean_seconds > 0:
        service = _draw(pool.service_mean_seconds, pool.service_p99_seconds)
    incoming = document.calls_to(pool.name)
    return AgentSettings(
        pool=pool.name,
        concurrency=pool.concurrency,
        pending=_pending(document, pool, size),
        service=service,
        startup_seconds=float(pool.startup_seconds),
        drain_seconds=float(pool.drain_seconds),
        shedding=tuple(
            ShedRule(call.shedding.priority, float(call.shedding.quantile), float(call.shedding.above_seconds))
            for call in incoming
            if call.shedding is not None
        ),
        calls=tuple(
            OutgoingCall(
                callee=call.callee,
                port=listeners[call.name],
                per_request=float(call.per_request),
                tokens=None if call.tokens_per_call is None else float(call.tokens_per_call),
                timeout_seconds=None if call.timeout_seconds is None else float(call.timeout_seconds),
            )
            for call in document.calls_from(pool.name)
        ),
        holds=tuple(
            Holding(dependency, dependencies[dependency].connections, count) for dependency, count in pool.holds
        ),
        degradation=tuple(
            DegradeStep(
                float(step.above_busy), _draw(step.service_mean_seconds, step.service_p99_seconds), step.makes_calls
            )
            for step in document.contained.degradation.get(pool.name, ())
        ),
    )


def _draw(mean: Fraction, p99: Fraction | None) -> Draw:
    fitted = service_times(mean, p99).distribution
    return Draw(fitted.mu, fitted.sigma)


def _pending(document: RuntimeDocument, pool: Pool, size: LocalSize) -> int | None:
    """An agent's queue bound: all that every caller of the pool together may leave pending, so that it never refuses
    what the callers' own limits let through; None as soon as one caller states no limit. Or what the pool itself says,
    by which it pushes back."""
    own = document.contained.push_back.get(pool.name)
    if own is not None:
        return own
    total = 0
    for call in document.calls_to(pool.name):
        if call.pending is None:
            return None
        callers = size.scale if call.from_demand else size.pool(call.caller).agents_max
        total += math.ceil(call.pending * callers)
    return total if document.calls_to(pool.name) else None


def _dependency_settings(one: Dependency, size: LocalSize) -> DependencySettings:
    latency = None
    if one.latency_p50_seconds is not None and one.latency_p99_seconds is not None:
        fitted = latency_times(one.latency_p50_seconds, one.latency_p99_seconds).distribution
        latency = Draw(fitted.mu, fitted.sigma)
    limits = size.dependency(one.name)

    def number(value: Fraction | None) -> float | None:
        return None if value is None else float(value)

    return DependencySettings(
        name=one.name,
        latency=latency,
        requests_per_second=number(limits.requests_per_second),
        requests_burst=number(limits.requests_burst),
        tokens_per_second=number(limits.tokens_per_second),
        tokens_burst=number(limits.tokens_burst),
        connections=limits.connections,
    )


def _module(name: str) -> tuple[str, ...]:
    return (sys.executable, "-m", f"seatrial.chaos.local.{name}")


def _variable(name: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", name.upper())
