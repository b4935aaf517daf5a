"""Each default that a pass fills in is told of where nothing is written.

The registry of defaults is walked, so that none can be added and kept quiet about.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from seatrial.compiler.filled import Filled, filled_in
from seatrial.compiler.model import Fleet
from seatrial.compiler.passes import defaults
from seatrial.compiler.passes.resolve import resolve
from seatrial.compiler.pipeline import read
from seatrial.dsl.source import Source

ROOT = Path(__file__).parents[2]
BARE = """fleet f {
  demand d { steady 5/s; peak 9/s for 1m every 1h }
  pool p {
    serves d { timeout 5s; retry 2; break after 3 errors; warm up 30s }
    agents 2..8
    each { service mean 20ms, p99 50ms }
    scale on busy 60%
  }
  guarantee success 99%
}"""
LEFT_OUT = {"R26": "reputation over 1d", "R22": "; count 20ms per vote"}
"""Clauses that the specs of the requirements write, and that go without saying."""
EVERY = {name: one for name, one in vars(defaults).items() if isinstance(one, defaults.Default)} | {
    f"PATTERN_MOST[{name}]": one for name, one in defaults.PATTERN_MOST.items()
}


def _fleet(text: str, path: str) -> Fleet | None:
    fleet, _ = resolve(read(Source(path, text)).clauses, {})
    return fleet


@pytest.fixture(scope="module")
def told() -> list[Filled]:
    texts = {"bare.fleet": BARE}
    for path in sorted((ROOT / "specs" / "requirements").glob("*.fleet")):
        said = LEFT_OUT.get(path.stem, "")
        text = path.read_text(encoding="utf-8")
        assert said in text
        texts[path.name] = text.replace(said, "") if said else text
    fleets = [_fleet(text, path) for path, text in texts.items()]
    return [one for fleet in fleets if fleet is not None for one in filled_in(fleet)]


@pytest.mark.parametrize("name", EVERY)
def test_it_is_told_with_its_words_and_its_source(name: str, told: list[Filled]) -> None:
    default = EVERY[name]
    assert any(default.clause in one.written and one.source.startswith(default.source) for one in told)


def test_nothing_is_told_without_a_source(told: list[Filled]) -> None:
    assert len(EVERY) > 25 and all(one.source and one.written for one in told)
