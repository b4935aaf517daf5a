"""Round figures put the moments at which agents are needed just on a tenth of a second, where doubles do not tell."""

from __future__ import annotations

from itertools import product

import pytest

from seatrial.compiler.verify.flows import rises
from seatrial.compiler.verify.flows.analysis import Analysis
from seatrial.compiler.verify.flows.climbing import steps as by_steps

from .specs import fleet_of

ROUND = [
    f"""fleet f {{
      demand d {{ steady {steady}/s; peak {steady * 5}/s; {rise} }}
      demand e {{ steady 1/s; peak 4/s; rises at most 1/s per 10s }}
      pool a {{
        serves d; serves e; agents 1..90
        each {{ concurrency 2; service mean 200ms, p99 900ms; startup 5s }}
        scale on {signal} {{ up within 9m; down over 5m; at most 100% per 15s }}
      }}
    }}"""
    for steady, rise, signal in product(
        (1, 10), ("", "rises at most 1/s per 1s", "rises at most 5/s per 10s"), ("busy 50%", "rate 5/s per agent")
    )
]


@pytest.mark.parametrize("text", ROUND)
def test_they_are_followed_as_exactly_as_by_asking_for_every_moment(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet, known = fleet_of(text), []

    def climb() -> object:
        analysis = Analysis(fleet)
        pool = analysis.pool("a")
        assert pool.scaling is not None
        return rises.climb_of(analysis, pool, pool.scaling)

    def told(*arguments: object) -> object:
        known.append(by_steps(*arguments))  # type: ignore[arg-type]
        return known[-1]

    monkeypatch.setattr(rises, "steps", told)
    quickly = climb()
    monkeypatch.setattr(rises, "steps", lambda *arguments: None)
    assert quickly == climb()
    assert known and known[0] is not None
