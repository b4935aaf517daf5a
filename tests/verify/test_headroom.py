"""How far the world can move: what is told to hold holds, and one step further something is worse."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status
from seatrial.compiler.verify.check import statuses
from seatrial.compiler.verify.headroom import Axis, Room, _room, axes, headroom

from .specs import fleet_of

SPEC = """fleet f {
  nodes n { count 6; cpu 16; memory 64Gi; price $1/h; zones 3 }
  survive loss of 1 zone
  demand d { steady 100/s; peak 200/s for 5m every 1h }
  dependency api { limit 1_000 requests/s; latency p50 20ms, p99 90ms }
  pool p {
    serves d { timeout 2s }
    agents 4..20
    each { cpu 1; memory 1Gi; price $1/h; concurrency 8; service mean 40ms, p99 150ms }
    scale on busy 50%
  }
  call p -> api 2 per request { timeout 200ms }
  budget agents $30/h
}"""
FLEET = fleet_of(SPEC)
NOW = statuses(FLEET)


def test_until_holds_and_one_step_more_does_not() -> None:
    rooms = {one.axis: one for one in headroom(FLEET)}
    assert {"demand of d", "service time of p", "latency of api", "prices of all", "agents of p lost"} <= set(rooms)
    for axis in axes(FLEET):
        room = rooms[axis.name]
        if not room.falls:
            continue
        held, broken = axis.at(room.until), axis.at(room.until + 1)
        assert held is not None and broken is not None
        assert all(status is not Status.PROVED or statuses(held).get(id) is status for id, status in NOW.items())
        assert statuses(broken)[room.falls[0]] is room.becomes


def test_prices_have_the_room_that_the_budget_leaves() -> None:
    (room,) = headroom(FLEET, of="prices")
    # 20 agents at $1 of $30, and those that drain while others start.
    assert (room.until, room.falls, room.becomes) == (42, ("budget/agents/hour",), Status.UNKNOWN)
    assert "may cost $30.13 an hour with what still drains while an autoscaler goes to and fro of p" in room.why


def test_the_least_room_comes_first() -> None:
    per_cent = [one.until for one in headroom(FLEET) if one.unit == "%" and one.falls]
    assert per_cent == sorted(per_cent)


def test_only_what_is_asked_for_moves() -> None:
    assert [one.axis for one in headroom(FLEET, of="agents of p")] == ["agents of p lost"]
    assert headroom(FLEET, of="nothing of that name") == ()


def at_steps(bad: set[int], most: int = 40, samples: int = 64) -> Room:
    """Prices that are too high at some steps only."""
    high = next(one for one in axes(FLEET) if one.name == "prices of all")
    return _room(Axis("x", "%", most, lambda step: high.at(900 if step in bad else 0)), NOW, samples)


def test_what_falls_is_told_with_how_many_values_were_tried() -> None:
    why = "agents may cost $200 an hour, the budget allows $30: 20 agents of p at $10 an hour for 1 hour are $200"
    found = at_steps(set(range(7, 41)))
    assert found == Room("x", "%", 6, ("budget/agents/hour",), Status.REFUTED, 6, False, found.why)
    assert found.why.startswith(why) and found.each_tried
    assert at_steps({7, 8, 9, 10}).returns
    nothing = at_steps(set())
    assert nothing.falls == () and nothing.until == nothing.tried == 40


@pytest.mark.parametrize("bad", [{1}, {13}, {20, 21}, {31}, {40}, {5, 39}])
def test_no_gap_is_missed_where_each_step_is_tried(bad: set[int]) -> None:
    for beyond in (set(), set(range(35, 41))):
        found = at_steps(bad | beyond)
        assert (found.until, found.each_tried) == (min(bad | beyond) - 1, True)


@given(st.sets(st.integers(1, 300), max_size=3), st.integers(1, 12))
@settings(max_examples=25, deadline=None)
def test_what_is_counted_as_tried_held(bad: set[int], samples: int) -> None:
    """And what is told to fall falls, with all holding one step before; each tried means that none falls below."""
    found = at_steps(bad, 300, samples)
    assert found.until == 300 if not found.falls else {found.until, found.until + 1} & bad == {found.until + 1}
    below = {step for step in bad if step <= found.until}
    assert found.tried <= found.until - len(below) and not (found.each_tried and below)


def test_fleets_that_cannot_be_are_the_end_of_the_range() -> None:
    axis = next(one for one in axes(FLEET) if one.name == "agents of p lost")
    assert axis.most == 19
    assert Fraction(axis.at(19).pools[0].agents_max.value) == 1  # type: ignore[union-attr]
