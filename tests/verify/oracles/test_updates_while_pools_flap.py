"""Pools whose autoscaler goes to and fro while they are updated, pod by pod: no more hold something than was proved."""

from __future__ import annotations

import random
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from ..updated import Scaler, counts
from .trying import cases, judged

_SPEC = """fleet f {{
  demand d {{ steady 1/s }}
  dependency db {{ connections {limit}; memory {limit}Mi }}
  pool a {{
    serves d; agents {least}..{most}; drain {drain}s
    each {{ concurrency 2; service mean 9ms, p99 30ms; holds 1 connection to db; holds 1Mi of db }}
    scale on busy 50% {{ down over {window}s; at most {percent}% per {period}s }}
  }}
}}"""
_GRACE_S = 5


_POOLS: st.SearchStrategy[dict[str, int]] = st.builds(
    dict,
    most=st.integers(2, 24),
    window=st.sampled_from((1, 15, 30, 60, 300)),
    percent=st.sampled_from((10, 20, 50, 100, 300)),
    period=st.sampled_from((15, 15, 30, 60)),
    drain=st.sampled_from((1, 10, 15, 30, 60, 95)),
)


@cases
def test_no_more_are_there_than_what_they_hold_was_proved_to_be_enough_for(cases: int) -> None:
    @settings(max_examples=cases, deadline=None)
    @given(_POOLS, st.fractions(0, 1), st.integers(0, 2**32))
    def check(pool: dict[str, int], share: Fraction, seed: int) -> None:
        least = 1 + int(share * (pool["most"] - 2))
        scaler = Scaler(least, pool["most"], pool["window"], pool["percent"], pool["period"], pool["most"])
        there = max(counts(scaler, pool["drain"] + _GRACE_S, random.Random(seed), 1200))
        text = _SPEC.format(**pool, least=least, limit=there - 1)
        assert judged(text, "connections/db") is not Status.PROVED, text
        assert judged(text, "memory/db") is not Status.PROVED, text

    check()


def test_a_pool_that_falls_and_rises_as_its_first_pods_were_replaced_comes_near_to_what_is_counted() -> None:
    # Of 50 to 100 agents, doubled at a sync, 125 with 25 that leave; half go and come again, and 12 are replaced there.
    most = max(max(counts(Scaler(50, 100, 0, 100, 15, 100), 25, random.Random(seed), 600)) for seed in range(8))
    said = {"least": 50, "most": 100, "window": 300, "percent": 100, "period": 15, "drain": 20}
    enough = next(
        limit
        for limit in range(150, 400)
        if judged(_SPEC.format(**said, limit=limit), "connections/db") is Status.PROVED
    )
    assert most <= enough <= most + 5
