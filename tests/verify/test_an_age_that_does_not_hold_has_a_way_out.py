"""An age of a queue that is not proved says that a smaller bound, or a bound at all, would do, and it does."""

from __future__ import annotations

from seatrial.compiler.pipeline import Checked, judge, read
from seatrial.compiler.verify.finding import Status
from seatrial.dsl.source import Source

SPEC = """fleet f {{
  demand d {{ {demand} }}
  pool p {{ serves d; agents {agents}; each {{ concurrency 2; service mean 1s, p99 2s; startup 5s }}{scale} }}
  queue w {{ feeds p; {queue} }}
}}"""
ALONE = {"demand": "steady 5/s; peak 20/s for 5m every 1d", "agents": "3", "scale": ""}
GROWING = {"demand": "steady 2/s; peak 3/s for 5m every 1d", "agents": "3..10", "scale": "; scale on busy 60%"}
SUDDEN = {
    "demand": "steady 5/s; peak 100/s for 5m every 1d",
    "agents": "2..10",
    "scale": "; scale on queue 5 per agent",
}


def checked(queue: str, spec: dict[str, str]) -> Checked:
    return judge(read(Source("f.fleet", SPEC.format(queue=queue, **spec))), {})


def age(one: Checked) -> tuple[Status, str]:
    status = next(found.status for found in one.findings if found.id == "queue/w/age")
    return status, next(("\n".join((*d.notes, d.help)) for d in one.diagnostics if d.code == "ST2606"), "")


def test_a_queue_that_holds_too_much() -> None:
    status, told = age(checked("age at most 5s; holds at most 50", GROWING))
    assert status is Status.UNKNOWN and "or fewer items that w holds at most, would decide it" in told
    assert age(checked("age at most 5s; holds at most 8", GROWING))[0] is Status.PROVED


def test_a_queue_that_nothing_bounds_and_too_few_agents() -> None:
    status, told = age(checked("age at most 10s", ALONE))
    assert status is Status.UNKNOWN and "or `holds at most …` in w" in told
    assert age(checked("age at most 10s; holds at most 20", ALONE))[0] is Status.PROVED


def test_a_queue_that_nothing_bounds_while_agents_start() -> None:
    status, told = age(checked("age at most 40s", SUDDEN))
    assert status is Status.REFUTED and "with `holds at most …` in w no more wait than are worked off in time" in told
    assert age(checked("age at most 40s; holds at most 30", SUDDEN))[0] is Status.PROVED
