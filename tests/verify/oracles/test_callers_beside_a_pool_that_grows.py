"""A pool grows late and works off what has piled up: whoever else calls what it calls waits for that too."""

from __future__ import annotations

import random

from seatrial.compiler.verify import Status

from ..simulated import Clock, Station, Work, arrivals
from ..specs import judged

_RISES_S, _GROWN_S, _END_S = 10.0, 90.0, 150.0

_TEXT = """fleet f {
  demand d { steady 10/s; peak 100/s }
  demand e { steady 10/s }
  pool a {
    serves d
    agents AGENTS
    each { concurrency 10; service mean 1s, p99 1s; startup 60s }
    scale on busy 50% { up within 10m; down over 5m; at most 900% per 15s }
  }
  pool b { serves e; agents 1; each { concurrency 13; service mean 100ms, p99 100ms } }
  call a -> b
  guarantee latency of e p95 < 600ms
}"""


def _late(fewest: int) -> float:
    """The share of the requests of e that take longer, in the minute after the pool has grown to 22 agents."""
    clock, chance = Clock(), random.Random(0)
    behind = Station(clock, chance, 13, Work(100, 100))
    grows = Station(clock, chance, 10 * fewest, Work(1000, 1000), calls=[(1, behind)])
    took: list[float] = []

    def beside() -> None:
        came = clock.now
        behind.arrive(lambda: took.append(clock.now - came) if came > _GROWN_S else None)

    def grown() -> None:
        grows.slots = 220

    arrivals(clock, chance, lambda now: 10 if now < _RISES_S else 100, 100, lambda: grows.arrive(lambda: None))
    arrivals(clock, chance, lambda _: 10, 10, beside)
    clock.after(_GROWN_S, grown)
    clock.run(_END_S)
    return sum(one > 0.6 for one in took) / len(took)


def test_what_has_piled_up_makes_other_callers_wait() -> None:
    # The stated growth of nine times in a sync brings all agents at once.
    found = judged(_TEXT.replace("AGENTS", "2..40"))
    assert found["latency/e/p95"].status is Status.PROVED and _late(2) > 0.2
    assert found["scaling/a/growth"].status is Status.UNKNOWN
    assert "while a grows" in found["scaling/a/growth"].reason and "p95 of e" in found["scaling/a/growth"].reason
    enough = judged(_TEXT.replace("AGENTS", "22..40"))
    assert "scaling/a/growth" not in enough and _late(22) < 0.05
