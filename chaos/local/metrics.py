"""Two readings of a pool's agents -> the autoscaling signal of each agent between them.

Invariant: a signal is a mean over the time since the last sync, per agent; an agent that does not answer has none, and
what to make of that is the autoscaler's to say.

A stand-in is asked itself (`/stats`); of a command of the user's Envoy tells what it sent there and what is under way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from .document import Pool
from .envoy import HostStats
from .replica_set import LocalAgent

_TIMEOUT = aiohttp.ClientTimeout(total=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """Sums since the agent's start: requests that came, and slots in use, slots at work and requests queued x seconds.

    `at` is seconds on CLOCK_MONOTONIC.
    """

    at: float
    arrived: float
    busy_slot_seconds: float
    work_slot_seconds: float | None
    queued_seconds: float


def signal_between(pool: Pool, signal: str, before: Reading, after: Reading) -> float | None:
    """The mean of `signal` over the time between two readings of one agent; None where it is not measured."""
    passed = after.at - before.at
    if passed <= 0:
        return None
    match signal:
        case "queue":
            return (after.queued_seconds - before.queued_seconds) / passed
        case "rate":
            return (after.arrived - before.arrived) / passed
        case "in flight":
            under_way = after.busy_slot_seconds + after.queued_seconds
            return (under_way - before.busy_slot_seconds - before.queued_seconds) / passed
        case "busy":
            return (after.busy_slot_seconds - before.busy_slot_seconds) / passed / pool.concurrency
        case "cpu" if after.work_slot_seconds is not None and before.work_slot_seconds is not None:
            return (after.work_slot_seconds - before.work_slot_seconds) / passed / pool.concurrency
        case _:
            return None


async def read_stand_ins(session: aiohttp.ClientSession, agents: Iterable[LocalAgent]) -> dict[str, Reading]:
    """The readings of the agents that answer within a second."""

    async def read(agent: LocalAgent) -> tuple[str, Reading | None]:
        try:
            async with session.get(f"http://127.0.0.1:{agent.port}/stats", timeout=_TIMEOUT) as response:
                return agent.name, _reading(await response.json())
        except (TimeoutError, aiohttp.ClientError):
            return agent.name, None

    found = await asyncio.gather(*(read(agent) for agent in agents))
    return {name: reading for name, reading in found if reading is not None}


def _reading(stats: Mapping[str, Any]) -> Reading:
    return Reading(
        float(stats["at"]),
        float(stats["arrived"]),
        float(stats["busy_slot_seconds"]),
        float(stats["work_slot_seconds"]),
        float(stats["queued_seconds"]),
    )


class HostSampler:
    """Sums of what Envoy reports of each endpoint, from samples taken about once a second.

    What an endpoint has under way beyond its concurrency is queued in it.
    """

    def __init__(self) -> None:
        self._sums: dict[int, Reading] = {}

    def sample(self, hosts: Iterable[HostStats], concurrency: Mapping[int, int], now: float) -> None:
        """`concurrency` is by port, of the endpoints that matter."""
        requests: dict[int, int] = {}
        under_way: dict[int, int] = {}
        for host in hosts:
            if host.port in concurrency:
                requests[host.port] = requests.get(host.port, 0) + host.requests
                under_way[host.port] = under_way.get(host.port, 0) + host.in_flight
        for port, count in requests.items():
            before = self._sums.get(port, Reading(now, 0.0, 0.0, None, 0.0))
            passed = now - before.at
            busy = min(under_way[port], concurrency[port])
            self._sums[port] = Reading(
                now,
                float(count),
                before.busy_slot_seconds + passed * busy,
                None,
                before.queued_seconds + passed * (under_way[port] - busy),
            )
        for port in self._sums.keys() - requests.keys():
            del self._sums[port]

    def readings(self, agents: Iterable[LocalAgent]) -> dict[str, Reading]:
        return {agent.name: self._sums[agent.port] for agent in agents if agent.port in self._sums}
