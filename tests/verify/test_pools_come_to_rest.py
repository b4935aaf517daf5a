"""At a demand that does not change a pool comes to rest, or the level is told at which it goes to and fro."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

from seatrial.compiler.semantics.pool_loop import PoolLoop
from seatrial.compiler.semantics.pool_loop_fast import tried
from seatrial.compiler.semantics.resting import restless
from seatrial.compiler.verify import Status

from ..semantics.loops import pool_loops
from .specs import findings, proved, refuted, unknown

SPEC = """fleet f {{
  demand d {{ steady 10/s; peak {peak}/s for 1h every 1d }}
  pool p {{
    serves d
    agents {agents}
    each {{ concurrency 3; service mean 100ms, p99 300ms; startup 5s }}
    scale on {target} {{ down over {window} }}
  }}
}}"""


def spec(target: str, peak: int = 200, agents: str = "3..29", window: str = "1m") -> str:
    return SPEC.format(target=target, peak=peak, agents=agents, window=window)


@pytest.mark.parametrize("target", ["busy 60%", "in flight 2 per agent", "rate 20/s per agent"])
def test_a_target_that_leaves_a_slot_free_brings_a_pool_to_rest(target: str) -> None:
    proved(spec(target), "scaling/p/rest")


def test_steps_that_outlast_the_window_are_not_proved_to_rest_by_what_is_in_flight() -> None:
    # By readings of the sync before, 17.15/s are had by 4 to 8 agents in turns, for ever.
    slots = spec("in flight 2 per agent", window="2m").replace("down over 2m", "down over 2m; at most 20% per 15s")
    reason = unknown(slots, "scaling/p/rest").reason
    assert "with steps of 20 % per 15 s" in reason
    proved(slots.replace("2m;", "5m;"), "scaling/p/rest")
    proved(slots.replace("per 15s", "per 1m"), "scaling/p/rest")
    proved(slots.replace("in flight 2", "rate 20/s"), "scaling/p/rest")


def test_a_target_that_is_met_by_a_queue_is_refuted_with_the_course() -> None:
    found = refuted(spec("in flight 4 per agent"), "scaling/p/rest")
    assert "which does not change, p goes between" in found.witness
    assert re.search(r"--pool p --constant \d+", found.witness)


def test_a_window_that_a_reading_outlasts_is_unknown_and_told_which_would_do() -> None:
    found = unknown(spec("busy 60%", window="15s"), "scaling/p/rest")
    assert "a reading may be 30 s old" in found.reason and "down over 30s" in found.remedy
    # Where the fewest agents are enough nothing moves.
    proved(spec("busy 60%", window="15s", agents="20..29"), "scaling/p/rest")


def test_a_pool_that_goes_by_the_queue_is_warned_of_unless_its_minimum_is_enough() -> None:
    found = findings(spec("queue 4 per agent"))
    assert "scaling/p/rest" not in found
    assert found["scaling/p/peak"].status is Status.PROVED and found["scaling/p/peak"].caution_code == "ST5106"
    enough = findings(spec("queue 4 per agent", agents="7..29"))
    assert enough["scaling/p/rest"].status is Status.PROVED and not enough["scaling/p/peak"].caution


@settings(max_examples=40, deadline=None)
@given(pool_loops(ages=(0,)))
def test_what_is_found_is_what_the_rules_do(loop: PoolLoop) -> None:
    found = restless(loop, loop.answered_at_least // 2, loop.maximum * loop.answers_milli * 9 // 10)
    if found is None:
        return
    # From the other end of the bounds as well: it is the loop, not how it began.
    again = tried(loop, ((found.rate_milli, found.rate_milli),) * 960, loop.maximum).replicas[-480:]
    assert found.fewest < found.most and len(set(again)) > 1
