"""`load.json`, the generator's orders, and the command that starts it.

Turns due times into the document that the generator's process reads. Invariant: the generator knows nothing that is
not in the document, so that the folder of a run is enough to send the same load again.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..evidence import LOAD


@dataclass(frozen=True, slots=True)
class DemandLoad:
    """Where the requests of one demand go, and when (seconds since the origin, ascending)."""

    name: str
    url: str
    priority: int
    due: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class BacklogLoad:
    """Tasks that wait from the start: `workers` of them are under way at a time, as agents would take them."""

    name: str
    url: str
    priority: int
    tasks: int
    workers: int


@dataclass(frozen=True, slots=True)
class Load:
    """`origin` is an absolute value of CLOCK_MONOTONIC; `timeout_seconds` bounds each request from when it is sent."""

    origin: float
    demands: tuple[DemandLoad, ...]
    timeout_seconds: float
    seed: int
    backlogs: tuple[BacklogLoad, ...] = ()
    until_seconds: float = 0.0
    """When work on the backlogs ends, done or not."""


def render(load: Load) -> str:
    """The text of `load.json`."""
    demands = [
        {"name": demand.name, "url": demand.url, "priority": demand.priority, "due": [round(t, 6) for t in demand.due]}
        for demand in load.demands
    ]
    body = {
        "origin": load.origin,
        "timeout_seconds": load.timeout_seconds,
        "seed": load.seed,
        "demands": demands,
        "backlogs": [asdict(backlog) for backlog in load.backlogs],
        "until_seconds": load.until_seconds,
    }
    return json.dumps(body) + "\n"


def read(run_dir: Path) -> Load:
    """The load of a run folder. Raises OSError, ValueError or KeyError when there is none that can be read."""
    body: dict[str, Any] = json.loads((run_dir / LOAD).read_text(encoding="utf-8"))
    demands = tuple(
        DemandLoad(str(demand["name"]), str(demand["url"]), int(demand["priority"]), tuple(demand["due"]))
        for demand in body["demands"]
    )
    backlogs = tuple(BacklogLoad(**backlog) for backlog in body.get("backlogs", ()))
    until = float(body.get("until_seconds", 0.0))
    return Load(float(body["origin"]), demands, float(body["timeout_seconds"]), int(body["seed"]), backlogs, until)


def command(run_dir: Path) -> Sequence[str]:
    """How to start the generator for a run folder, best with the run folder as the working directory.

    Locust puts its working directory first on the module path and reads `locust.conf` there, so it should not be the
    user's. It exits 0 whatever the requests came to: the verdict is not the generator's to give.
    """
    return (
        sys.executable,
        "-m",
        "locust",
        "--headless",
        "--only-summary",
        "--users=1",
        "--spawn-rate=1",
        "--exit-code-on-error=0",
        "--loglevel=WARNING",
        "--locustfile",
        str(Path(__file__).with_name("generator.py").resolve()),
        "--run-dir",
        str(run_dir.resolve()),
    )
