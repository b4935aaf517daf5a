"""An agent's port -> whether its pod counts as ready; and when a kubelet asks.

Invariant: an agent that hangs is noticed by its probes alone, one that exits by its process alone, as on a node.

Sources: https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/ (without
a probe a container counts as ready; a readiness probe may run more often than its period until the pod is ready;
successThreshold 1), and kubelet's `genericPlegRelistPeriod` of 1 s (pkg/kubelet/kubelet.go) for exits.
"""

from __future__ import annotations

from dataclasses import dataclass

import aiohttp

from .document import Health

EXIT_NOTICED_SECONDS = 1.0
"""The kubelet lists its containers once a second: until then a dead agent is still an endpoint."""

UNREADY_POLL_SECONDS = 0.2

_TIMEOUT_SECONDS = 1.0
"""timeoutSeconds of a probe, the default and what the manifests state."""

_LIVENESS_FACTOR = 2
"""The manifests restart an agent at twice the failures at which it leaves the endpoints."""

_STARTUP_FACTOR, _STARTUP_LEAST_SECONDS = 3, 30
"""The manifests' startup probe gives an agent three times its stated start, at least 30 s."""


@dataclass(frozen=True, slots=True)
class Probing:
    """A pool's probes in numbers. `period_seconds` None: the pool states no health, and nothing is probed once an agent
    is up, so one that hangs stays an endpoint."""

    period_seconds: float | None
    unready_after: int
    restart_after: int
    startup_seconds: float | None


def probing(health: Health | None, startup_seconds: float) -> Probing:
    if health is None:
        return Probing(None, 0, 0, None)
    startup = max(float(_STARTUP_LEAST_SECONDS), startup_seconds * _STARTUP_FACTOR)
    return Probing(float(health.every_seconds), health.fails_after, health.fails_after * _LIVENESS_FACTOR, startup)


async def answers(session: aiohttp.ClientSession, port: int, *, stand_in: bool) -> bool:
    """Whether an agent is up: GET /healthz says so; where a command of the user's has no such route, or speaks no
    HTTP, that it accepts the connection."""
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_SECONDS)
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
