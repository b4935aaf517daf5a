"""An agent is excluded for tries that are late: those that are made again for it are tries too."""

from __future__ import annotations

import random

from seatrial.compiler.verify import Finding, Status

from .simulated import Work
from .specs import findings

_WORK, _LIMIT_MS, _RETRIES = Work(100, 200), 120, 2
_A_SECOND, _AGENTS, _HOURS = 100, 40, 10


def _exclusion(breaches: int, policy: str) -> Finding:
    return findings(f"""fleet f {{
      demand d {{ steady {_A_SECOND}/s }}
      pool x {{ serves d {{ timeout 1h }}; agents 40; each {{ concurrency 8; service mean 10ms, p99 30ms }} }}
      pool z {{ agents {_AGENTS}; each {{ concurrency 8; service mean {_WORK.mean}ms, p99 {_WORK.p99}ms }} }}
      call x -> z {{ timeout 9s; try timeout {_LIMIT_MS}ms; {policy} }}
      contract x -> z {{
        done within {_LIMIT_MS}ms for $1; exclude after {breaches} breaches; reputation over {_HOURS}h
      }}
    }}""")["contract/x-z/exclusion"]


def _late_of_one(requests: int, chance: random.Random) -> int:
    """Tries that one agent is late with, where each that is late is made again, by whomever."""
    late = 0
    for _ in range(requests):
        for _ in range(1 + _RETRIES):
            if _WORK.draw(chance) * 1000 <= _LIMIT_MS:
                break
            late += 1
    return late


_PROMISED = 24_000


def test_fewer_breaches_are_not_promised_than_tries_are_late() -> None:
    requests = _A_SECOND * 3600 * _HOURS // _AGENTS
    runs = [_late_of_one(requests, random.Random(seed)) for seed in range(10)]
    # Of a single try each, fewer would be late than are promised.
    assert requests * 0.24 < _PROMISED < min(runs)
    assert _exclusion(_PROMISED, f"retry {_RETRIES}").status is Status.UNKNOWN
    assert _exclusion(60_000, f"retry {_RETRIES}").status is Status.PROVED


def test_who_tries_nothing_again_sends_what_comes() -> None:
    said = _exclusion(_PROMISED, "route round robin")
    assert said.status is Status.PROVED and "gets up to 90,000 requests" in said.margin
