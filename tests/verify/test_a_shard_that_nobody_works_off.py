"""Fewer agents than shards by skill: the items of one wait, however quickly the others are done."""

from __future__ import annotations

from .specs import proved, unknown

SPEC = """fleet f {
  demand d { steady 1/s; peak 2/s for 10m every 1d }
  pool p { serves d; agents COUNT; each { concurrency 8; service mean 100ms, p99 200ms } }
  queue w { feeds p; shards 3 by skill; holds at most 100; age at most 10m }
}"""


def test_no_age_is_promised() -> None:
    reason = unknown(SPEC.replace("COUNT", "2"), "queue/w/age").reason
    assert reason.startswith("p may have no more than 2 agents for 3 shards by skill")
    proved(SPEC.replace("COUNT", "3"), "queue/w/age")
