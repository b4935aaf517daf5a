"""The fleet at a trial's scale, and what the model says of it there."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from seatrial.compiler.verify import at_scale, check, expected

from .specs import fleet_of

SPECS = Path(__file__).parents[2] / "specs"
SUPPORT = fleet_of((SPECS / "support.fleet").read_text())


def test_agents_are_rounded_up_and_rates_are_not() -> None:
    fleet = at_scale(SUPPORT, Fraction(1, 7))
    triage = fleet.pool("triage")
    assert (triage.agents_min.value, triage.agents_max.value) == (6, 15)
    assert fleet.demand("tickets").peak_per_second.value == Fraction(600, 7)
    assert fleet.demand("tickets").rise_per_second.value * 7 == SUPPORT.demand("tickets").rise_per_second.value  # type: ignore[union-attr]
    llm = fleet.dependency("llm")
    assert llm.requests_per_second is not None and llm.requests_per_second.value == Fraction(1000, 7)
    assert fleet.dependency("postgres").connections.value == 86  # type: ignore[union-attr]
    assert triage.each == SUPPORT.pool("triage").each and fleet.calls == SUPPORT.calls


def test_the_full_size_is_the_fleet_itself() -> None:
    assert at_scale(SUPPORT, Fraction(1)) == SUPPORT


def test_a_smaller_fleet_waits_longer_at_the_same_load() -> None:
    (trial,) = SUPPORT.trials
    small = expected(SUPPORT, trial)
    steps = tuple(step for step in trial.loads)
    assert steps
    proved = {one.id: one.bound for one in check(SUPPORT)}
    # Of four agents one that hangs is a quarter: nothing is known of who gives up meanwhile.
    assert set(small) == {one for one in proved if one.startswith("latency/")}
    for id in ("latency/tickets/p95", "latency/tickets/p99", "latency/chats/p95", "latency/chats/p99"):
        bound = proved[id]
        assert bound is not None
        # A tenth of the agents queues more, and the trial's load stays below the peak: near to it either way.
        assert Fraction(9, 10) * bound < small[id] < 2 * bound


def test_the_load_of_the_trial_is_what_counts() -> None:
    spec = """fleet f {{
      demand d {{ steady 10/s }}
      pool p {{ serves d; agents 2; each {{ concurrency 4; service mean 100ms, p99 400ms }} }}
      guarantee latency p99 < 5s
      trial quiet {{ duration 60s }}
      trial busy {{ duration 60s; load d x{factor} at 10s }}
    }}"""
    fleet = fleet_of(spec.format(factor=7))
    quiet, busy = (expected(fleet, trial)["latency/d/p99"] for trial in fleet.trials)
    assert quiet < busy
    # Ten times as much is more than the two agents can do: there is no bound.
    assert expected(fleet_of(spec.format(factor=10)), fleet_of(spec.format(factor=10)).trials[1]) == {}
