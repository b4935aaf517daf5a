"""The running fleet <-> `fleet.json` in the run folder, by which fault actions in another process find their targets.

Invariant: the file names only processes that the fleet started, each with its start time, so that whoever acts on it
cannot hit a stranger.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from .process import Identity
from .records import Json, replace

FLEET = "fleet.json"
SCHEMA = "seatrial/local-fleet/v1"


class AgentState(StrEnum):
    STARTING = "starting"
    READY = "ready"
    UNREADY = "unready"
    """Was ready, and fails its probes."""
    TERMINATING = "terminating"


@dataclass(frozen=True, slots=True)
class AgentRecord:
    """One agent's process. `port` is where it listens on 127.0.0.1."""

    name: str
    process: Identity
    port: int
    state: AgentState


@dataclass(frozen=True, slots=True)
class FleetState:
    """`origin` is CLOCK_MONOTONIC at the trial's zero; `admin` is Envoy's "host:port"; `listeners`: call -> port."""

    origin: float
    admin: str
    listeners: dict[str, int]
    pools: dict[str, tuple[AgentRecord, ...]]


def write_state(run: Path, state: FleetState) -> None:
    pools: dict[str, Json] = {
        pool: [
            {
                "agent": agent.name,
                "pid": agent.process.pid,
                "start": agent.process.start,
                "port": agent.port,
                "state": agent.state.value,
            }
            for agent in agents
        ]
        for pool, agents in state.pools.items()
    }
    listeners: dict[str, Json] = dict(state.listeners)
    replace(
        run / FLEET,
        {"schema": SCHEMA, "origin": state.origin, "admin": state.admin, "listeners": listeners, "pools": pools},
    )


def read_state(run: Path) -> FleetState | None:
    """The state as last written; None when no fleet has run in this folder."""
    try:
        document = json.loads((run / FLEET).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return FleetState(
        origin=float(document["origin"]),
        admin=str(document["admin"]),
        listeners={call: int(port) for call, port in document["listeners"].items()},
        pools={
            pool: tuple(
                AgentRecord(
                    agent["agent"],
                    Identity(agent["pid"], agent["start"]),
                    agent["port"],
                    AgentState(agent["state"]),
                )
                for agent in agents
            )
            for pool, agents in document["pools"].items()
        },
    )
