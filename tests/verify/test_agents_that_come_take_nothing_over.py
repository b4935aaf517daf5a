"""What waits for the agents that were there first in a rise is theirs to work off, also when others have come."""

from __future__ import annotations

import pytest

from seatrial.compiler.verify import Status

from .specs import judged

_TEXT = """fleet f {{
  demand d {{ steady 10/s; peak 150/s }}
  pool p {{
    serves d {{ route {route} }}
    agents 2..40
    each {{ concurrency 10; service mean 1s, p99 1s; startup 20s }}
    scale on busy 50% {{ at most 100% per 15s }}
  }}
  {queue}
  guarantee latency p95 < {limit}
}}"""


@pytest.mark.parametrize("route", ["round robin", "least loaded"])
def test_it_waits_for_as_long_as_its_own_agent_is_short(route: str) -> None:
    # 2 agents for 50 s are sent 65 a second too many each, then 4 for 45 s 27.5, 8 for 45 s 8.75: 488 s of work. Run
    # request by request the longest waits 488 s in turn, and 365 s where each draws the less loaded of two.
    text = _TEXT.format(route=route, queue="", limit="480s")
    assert judged(text)["scaling/p/growth"].status is Status.UNKNOWN
    proved = judged(text.replace("480s", "500s"))["scaling/p/growth"]
    assert proved.status is Status.PROVED and "488 s at most" in (proved.margin or "")


def test_items_of_one_queue_are_worked_off_by_all() -> None:
    text = _TEXT.format(route="least loaded", queue="queue work { feeds p }", limit="400s")
    assert judged(text)["scaling/p/growth"].status is Status.PROVED
