"""Pools that work off what has piled up while they are updated, and with full buckets: agent by agent, no dependency is
asked for more, and no quota is used up, than was proved."""

from __future__ import annotations

import random

from seatrial.compiler.verify import Status

from ..updated import Scaler, counts
from .trying import cases, judged

_GRACE_S = 5

_WORKS_OFF = """fleet f {{
  demand d {{ steady 1/min; peak {peak}/min for 1h every 1d }}
  dependency x {{ limit {limit} requests/min; latency p50 1ms, p99 1ms }}
  queue q {{ feeds a; alert above 9 }}
  pool a {{
    serves d; agents {least}..{most}; drain {drain}s
    each {{ concurrency {slots}; service mean {seconds}s, p99 {seconds}s; startup 5s }}
    scale on queue 2 per agent {{ down over 60s; at most {percent}% per 15s }}
  }}
  call a -> x
}}"""


@cases
def test_no_dependency_is_asked_for_more_by_agents_of_an_update_that_have_all_slots_full(cases: int) -> None:
    proved = 0
    for seed in range(cases):
        chance = random.Random(seed)
        least, most, percent = chance.randint(1, 6), chance.randint(8, 20), chance.choice((50, 100))
        drain, slots, seconds = chance.choice((10, 30)), chance.choice((1, 4)), chance.choice((40, 60))
        there = max(counts(Scaler(least, most, 60, percent, 15, most), drain + _GRACE_S, random.Random(seed), 1200))
        # A request takes longer than an agent has to leave: who leaves still works, and calls, in all its slots.
        asked = there * slots * 1000 * 60 // (seconds * 1000 + 1)
        said = {"least": least, "most": most, "percent": percent, "drain": drain, "slots": slots, "seconds": seconds}
        for limit in (asked - 1, 2 * asked):
            status = judged(
                text := _WORKS_OFF.format(**said, peak=(most - 1) * slots * 60 // seconds, limit=limit), "rate/x"
            )
            proved += status is Status.PROVED
            assert limit >= asked or status is not Status.PROVED, text
    assert proved > cases // 4


_SAVES = """fleet f {{
  demand d {{ steady 1/s; peak 90/s for 1h every 1d }}
  dependency x {{ limit 9_000 requests/s; latency p50 1ms, p99 1ms }}
  queue q {{ feeds a; alert above 9 }}
  pool a {{
    serves d; agents {least}..{most}
    each {{ concurrency {slots}; service mean 1s, p99 1s; startup 5s }}
    scale on queue 2 per agent
  }}
  call a -> x {{ admit at most {rate}/s, burst {burst} }}
  quota requests {quota}/min of x
}}"""


def _asked_in_a_minute(agents: int, slots: int, rate: int, burst: int) -> int:
    """Each agent has worked nothing off before, so that its bucket is full; then all its slots are."""
    made, tokens = 0, burst
    for _ in range(60):
        calls = min(slots, tokens)
        made, tokens = made + calls, min(burst, tokens - calls + rate)
    return made * agents


@cases
def test_no_quota_is_used_up_by_what_lies_in_buckets(cases: int) -> None:
    proved = 0
    for seed in range(cases):
        chance = random.Random(seed)
        least, most, slots = chance.randint(1, 3), chance.randint(4, 12), chance.randint(2, 9)
        rate = chance.randint(1, slots)
        burst = rate + chance.choice((0, 5, 40, 200))
        asked = _asked_in_a_minute(most, slots, rate, burst)
        for quota in (asked - 1, 12 * asked):
            text = _SAVES.format(least=least, most=most, slots=slots, rate=rate, burst=burst, quota=quota)
            status = judged(text, "quota/requests-of-x/peak")
            proved += status is Status.PROVED
            assert quota >= asked or status is not Status.PROVED, text
    assert proved > cases // 4
