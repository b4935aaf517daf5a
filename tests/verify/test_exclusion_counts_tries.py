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


def test_who_alone_has_a_skill_gets_more_than_an_even_part() -> None:
    """Of three agents each of two skills has one: it gets half of all, 1,800 an hour. More than 1 % take longer
    than 198 ms: of a third of all, no more than 17 do."""

    def excluded(skills: str, route: str) -> Finding:
        return findings(f"""fleet f {{
          demand d {{ steady 1/s }}
          pool x {{ serves d; agents 4; each {{ concurrency 8; service mean 100ms, p99 200ms }} }}
          pool z {{ agents 3; {skills} each {{ concurrency 8; service mean 100ms, p99 200ms }} }}
          call x -> z {{ route {route} }}
          contract x -> z {{ done within 198ms for $1; exclude after 17 breaches; reputation over 1h }}
        }}""")["contract/x-z/exclusion"]

    even, skilled = excluded("", "round robin"), excluded("skills billing 50%, refunds 50%;", 'by skill "x-task"')
    assert even.status is Status.PROVED
    assert skilled.status is Status.UNKNOWN
    assert "gets up to 1,800 requests" in skilled.reason
