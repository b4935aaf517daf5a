"""How long a start and a check may take is judged, written into the probes, and read by the local fleet."""

from __future__ import annotations

from pathlib import Path

import yaml

from seatrial import __version__
from seatrial.chaos.local.document import load
from seatrial.chaos.local.probes import probing
from seatrial.compiler.pipeline import judge, plan, read
from seatrial.dsl.source import Source
from seatrial.targets import emit_all, render

SPEC = """fleet f {{
  demand d {{ steady 1/s }}
  pool p {{
    serves d
    image "registry.example/p:1.0"
    agents 3
    each {{ cpu 1; memory 1Gi; service mean 10ms, p99 40ms; startup 2s{start} }}
    health every 5s {{ {check} }}
  }}
}}"""


def shipped(start: str, check: str) -> dict[str, str]:
    made = plan(judge(read(Source("f.fleet", SPEC.format(start=start, check=check))), {}), {}, __version__)
    assert made is not None
    return {document.path: render(document, made).decode() for document in emit_all(made)[0]}


def probes(files: dict[str, str]) -> tuple[dict[str, int], dict[str, int]]:
    """The start-up probe and the liveness probe."""
    (text,) = [text for path, text in files.items() if "kind: Deployment" in text]
    (container,) = yaml.safe_load(text)["spec"]["template"]["spec"]["containers"]
    return container["startupProbe"], container["livenessProbe"]


def test_what_is_stated_stands_in_the_probes() -> None:
    files = shipped("; start takes 1s of cpu; start fails after 20s", "behind requests within 2s")
    start, alive = probes(files)
    assert (start["failureThreshold"], start["periodSeconds"]) == (20, 1)
    assert start["timeoutSeconds"] == alive["timeoutSeconds"] == 2


def test_what_is_not_stated_is_as_it_was() -> None:
    start, alive = probes(shipped("", "fails after 3"))
    assert (start["failureThreshold"], alive["timeoutSeconds"]) == (30, 1)


def test_the_local_fleet_probes_as_long(tmp_path: Path) -> None:
    files = shipped("; start fails after 20s", "behind requests within 2s")
    path = tmp_path / "fleet.json"
    path.write_text(files["runtime/fleet.json"], encoding="utf-8")
    (pool,) = load(path).pools
    found = probing(pool.health, pool.startup_seconds, pool.startup_limit_seconds)
    assert (found.startup_seconds, found.timeout_seconds) == (20, 2)
