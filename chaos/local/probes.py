"""An agent's port -> whether its pod counts as ready; and when a kubelet asks.

Invariant: an agent that hangs is noticed by its probes alone, one that exits by its process alone, as on a node.

Source: https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/ (without
a probe a container counts as ready; a readiness probe may run more often than its period until the pod is ready;
successThreshold 1). The numbers are `compiler/semantics/probes.py`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import aiohttp

from seatrial.compiler.semantics.probes import TIMEOUT_S, restart_after, startup_failures

from .document import Health

UNREADY_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Probing:
    """A pool's probes in numbers. `period_seconds` None: the pool states no health, and nothing is probed once an agent
    is up, so one that hangs stays an endpoint."""

    period_seconds: float | None
    unready_after: int
    restart_after: int
    startup_seconds: float | None
    timeout_seconds: float = TIMEOUT_S


def probing(health: Health | None, startup_seconds: Fraction, limit: int | None = None) -> Probing:
    if health is None:
        return Probing(None, 0, 0, None)
    restart, startup = restart_after(health.fails_after), float(startup_failures(startup_seconds, limit))
    timeout = float(health.timeout_seconds or TIMEOUT_S)
    return Probing(float(health.every_seconds), health.fails_after, restart, startup, timeout)


async def answers(
    session: aiohttp.ClientSession, port: int, *, stand_in: bool, timeout_seconds: float = TIMEOUT_S
) -> bool:
    """Whether an agent is up: GET /healthz says so; where a command of the user's has no such route, or speaks no
    HTTP, that it accepts the connection."""
    timeout = aiohttp.ClientTimeout(total=timeout_seconds)
    try:
        async with session.get(f"http://127.0.0.1:{port}/healthz", timeout=timeout) as response:
            status = response.status
    except TimeoutError:
        return False
    except aiohttp.ClientConnectorError:
        return False
    except aiohttp.ClientError:
        return not stand_in
    return 200 <= status < 400 or (not stand_in and status in (404, 405, 501))
