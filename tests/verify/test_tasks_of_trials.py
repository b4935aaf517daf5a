"""Tasks that a trial lays into a queue are done beside all else that the trial does."""

from __future__ import annotations

import pytest

from .specs import proved, refuted, unknown

SPEC = """fleet f {{
  demand d {{ steady 20/s; peak 40/s }}
  demand e {{ steady 20/s }}
  dependency db {{ latency p50 10ms, p99 40ms }}
  pool p {{ serves d; agents 10; each {{ concurrency 2; service mean 200ms, p99 500ms; startup 5s }}; {pool} }}
  pool other {{ serves e; agents 10; each {{ concurrency 2; service mean 20ms, p99 50ms; startup 5s }} }}
  call p -> db {{ timeout 1s }}
  queue q {{ feeds p; {queue} }}
  trial t {{ duration 60s; tasks 1_000 in q; {trial} }}
}}"""
ID = "backlog/t/q"


def _spec(trial: str = "", pool: str = "", queue: str = "") -> str:
    return SPEC.format(trial=trial, pool=pool, queue=queue)


def test_what_the_trial_asks_for_besides_is_worked_off_too() -> None:
    proved(_spec(), ID)
    proved(_spec("load d steady"), ID)
    # 100 requests/s are what the agents do without any waits for db.
    assert "what comes in the trial" in refuted(_spec("load d x5").replace("peak 40/s", "peak 100/s"), ID).witness
    assert "above its peak of 40" in unknown(_spec("load d x3"), ID).reason
    unknown(_spec("load d x3.7").replace("peak 40/s", "peak 80/s"), ID)


def test_a_trial_that_asks_for_less_is_not_refuted_by_the_steady_demand() -> None:
    heavy = _spec("LOAD").replace("steady 20/s; peak 40/s", "steady 85/s")
    refuted(heavy.replace("LOAD", ""), ID)
    proved(heavy.replace("LOAD", "load d x0.1"), ID)


@pytest.mark.parametrize(
    "fault",
    ["hang 9 agents of p at {at} for 50s", "kill 9 agents of p at {at}", "delay p -> db 3s at {at} for 40s"],
)
def test_a_fault_is_felt_before_they_are_done_or_not(fault: str) -> None:
    assert "comes 5 s after the trial begins" in unknown(_spec(fault.format(at="5s")), ID).reason
    proved(_spec(fault.format(at="58s")), ID)


def test_a_fault_elsewhere_changes_nothing() -> None:
    proved(_spec("hang 9 agents of other at 5s for 50s"), ID)


def test_whom_tasks_want_that_are_divided_is_not_stated() -> None:
    assert "one skill" in unknown(_spec(pool="skills a, b"), ID).reason
    assert "divided by skill" in unknown(_spec(queue="shards 5 by skill"), ID).reason
