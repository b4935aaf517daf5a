"""What comparisons of doubles prove, exact arithmetic proves as well, on any small fleet."""

from __future__ import annotations

import math
import pickle
from dataclasses import fields
from fractions import Fraction

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seatrial.compiler.semantics.fairness import Claim, _at, _level, max_min
from seatrial.compiler.semantics.growth import Sampled, Stepped, latest_growth
from seatrial.compiler.semantics.scaling import behavior_of
from seatrial.compiler.verify import Finding, Status
from seatrial.compiler.verify.exact.expression import value
from seatrial.compiler.verify.flows.analysis import ENDS, Analysis, Level
from seatrial.compiler.verify.flows.bucketed import bucketed
from seatrial.compiler.verify.flows.figures import ERROR, double, surely_below, surely_ceiling
from seatrial.compiler.verify.flows.loops import fastest
from seatrial.compiler.verify.flows.released import most_in_all, quickly_in_all, releases
from seatrial.compiler.verify.flows.tried import budgeted, most_tried
from seatrial.compiler.verify.obligation import Open, Proven
from seatrial.compiler.verify.obligations import FAMILIES

from .specs import fleet_of

SMALL = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
POSITIVE = st.fractions(Fraction(1, 10**6), 10**6)


@st.composite
def fleets(draw: st.DrawFn) -> str:
    """A chain of pools, with calls that skip some, whose figures lie on either side of each limit."""
    count = draw(st.integers(1, 4))
    steady = draw(st.integers(1, 60))
    lines = [
        f"nodes n {{ count {draw(st.integers(1, 40))}; cpu {draw(st.sampled_from([2, 8, 32]))}; "
        "memory 64Gi; price $1/h }",
        f"demand d {{ steady {steady}/s; peak {steady + draw(st.integers(0, 120))}/s"
        f"{draw(st.sampled_from(['', '; rises at most 30/s per 1m', '; rises at most 600/s per 1m']))} }}",
        f"dependency api {{ limit {draw(st.integers(1, 2000))} requests/s; latency p50 20ms, p99 90ms }}",
        f"dependency db {{ connections {draw(st.integers(1, 400))}; latency p50 2ms, p99 9ms }}",
    ]
    for index in range(count):
        serves = ""
        if index == 0:
            retry = draw(st.sampled_from(["", "; retry 2", "; try timeout 2s; retry 3 { budget 30% }"]))
            serves = f"serves d {{ timeout {draw(st.integers(2, 20))}s{retry} }}; "
        low = draw(st.integers(1, 8))
        scale = draw(
            st.sampled_from(["", "; scale on busy 40%", "; scale on busy 90%", "; scale on rate 20/s per agent"])
        )
        if scale:
            scale += " { up within 2m; at most 100% per 15s }"
        mean = draw(st.integers(5, 200))
        lines.append(
            f"pool p{index} {{ {serves}agents {low}..{low + draw(st.integers(0, 40))}{scale}; "
            f"disrupt at most {draw(st.sampled_from([5, 30, 60]))}%; "
            f"each {{ cpu {draw(st.sampled_from([250, 1000, 4000]))}m; memory 512Mi; price $0.02/h; "
            f"concurrency {draw(st.integers(1, 8))}; startup 5s; "
            f"service mean {mean}ms, p99 {mean + draw(st.integers(1, 300))}ms; holds 2 connections to db }} }}"
        )
    for index in range(count):
        for callee in range(index + 1, count):
            if draw(st.booleans()):
                often = draw(st.sampled_from(["", " 0.3 per request", " 2.5 per request"]))
                lines.append(
                    f"call p{index} -> p{callee}{often} {{ timeout {draw(st.integers(100, 4000))}ms; "
                    f"break after 3 errors {{ eject at most {draw(st.sampled_from([10, 40, 100]))}% for 10s }} }}"
                )
        admit = draw(st.sampled_from(["", "", f"; admit at most {draw(st.integers(1, 40))}/s"]))
        lines.append(f"call p{index} -> api {{ timeout {draw(st.integers(40, 300))}ms{admit} }}")
    lines += [
        f"budget compute ${draw(st.integers(10, 3000))}/day",
        f"guarantee latency p99 < {draw(st.integers(1, 6))}s",
        "guarantee success 95% over 30d",
        f"guarantee amplification < {draw(st.integers(2, 6))}",
    ]
    if draw(st.booleans()):
        lines.append(f"trial t {{ duration 60s; kill 20% of p{draw(st.integers(0, count - 1))} at 20s }}")
    return "fleet f {\n" + "\n".join(lines) + "\n}"


@given(fleets())
@SMALL
def test_what_doubles_decide_is_decided_exactly_the_same(text: str) -> None:
    analysis = Analysis(fleet_of(text))
    for family in FAMILIES:
        for one in family(analysis):
            if isinstance(one, Proven | Open):
                exact = one.exact
                assert (exact.id, exact.at, exact.code) == (one.id, one.at, one.code)
                assert exact.status is one.status, exact
                assert one.status is not Status.REFUTED
                assert exact.broken is None
                assert exact.caution == ""


@given(fleets())
@settings(SMALL, max_examples=40)
def test_rates_in_doubles_are_as_near_to_the_exact_ones_as_is_said(text: str) -> None:
    analysis = Analysis(fleet_of(text))
    for level in ENDS:
        for retried in (False, True):
            flow = analysis.flow(level, retried=retried)
            for name in [pool.name for pool in analysis.fleet.pools] + ["api", "db"]:
                exact = value(analysis.rate(level, name, retried=retried))
                assert abs(Fraction(flow.get(name, 0.0)) - exact) <= exact * Fraction(ERROR) / 2


@given(fleets())
@settings(SMALL, max_examples=40)
def test_where_nothing_piles_up_what_arrives_in_the_mean_is_the_most(text: str) -> None:
    analysis = Analysis(fleet_of(text))
    for name in [pool.name for pool in analysis.fleet.pools] + ["api", "db"]:
        if not releases(analysis, name):
            assert most_in_all(analysis, name) == most_tried(analysis, name)
        mean = value(analysis.rate(Level.PEAK, name, retried=True))
        if not bucketed(analysis, name):
            assert (
                most_tried(analysis, name) >= mean if budgeted(analysis, name) else most_tried(analysis, name) == mean
            )


@given(fleets())
@settings(SMALL, max_examples=40)
def test_what_is_worked_off_comes_to_the_same_in_doubles(text: str) -> None:
    analysis = Analysis(fleet_of(text))
    for name in ["api", "db", *(pool.name for pool in analysis.fleet.pools)]:
        quick, exact = quickly_in_all(analysis, name), most_in_all(analysis, name)
        if not math.isnan(quick):
            assert not isinstance(exact, str)
            assert abs(Fraction(quick) - exact) <= exact * Fraction(ERROR) / 2


@given(fleets())
@settings(SMALL, max_examples=40)
def test_the_worst_level_is_worked_out_as_if_it_had_nothing_in_common_with_the_peak(text: str) -> None:
    analysis = Analysis(fleet_of(text))
    worst = analysis.occupancy(Level.BETWEEN)
    for pool in analysis.fleet.pools:
        found = worst.of(pool)
        if isinstance(found, str):
            continue
        assert found.held == worst.held(pool)
        for level in ENDS:
            there = analysis.occupancy(level).of(pool)
            assert not isinstance(there, str)
            assert there.wait.waiting <= found.wait.waiting
            assert there.agents <= found.agents


@given(fleets())
@settings(SMALL, max_examples=40)
def test_the_fastest_reading_of_an_autoscaler_is_that_of_the_exact_times(text: str) -> None:
    analysis = Analysis(fleet_of(text))
    occupancy = analysis.occupancy(Level.PEAK)
    for pool in analysis.fleet.pools:
        held, loop = value(occupancy.least_held[pool.name]), fastest(analysis, pool)
        assert abs(Fraction(occupancy.least_seconds[pool.name]) - held) <= held * Fraction(ERROR) / 2
        assert loop is None or loop.answers_milli == max(1, math.ceil(pool.each.concurrency.value / held * 1000))


@given(fleets())
@settings(SMALL, max_examples=40)
def test_visits_to_one_pool_are_those_of_the_whole_way_down(text: str) -> None:
    analysis = Analysis(fleet_of(text))
    for demand in analysis.fleet.demands:
        visits = analysis.visits(demand)
        for name in [pool.name for pool in analysis.fleet.pools] + ["api", "db"]:
            assert analysis.visits_to(name, demand) == (value(visits[name]) if name in visits else 0)


@given(fleets())
@settings(SMALL, max_examples=20)
def test_a_proved_finding_reads_the_same_whether_it_was_made_late_or_at_once(text: str) -> None:
    analysis = Analysis(fleet_of(text))
    proven = [one for family in FAMILIES for one in family(analysis) if isinstance(one, Proven)]
    for one in proven:
        late, whole = one.finding(), one.exact.finding()
        assert late == whole and whole == late
        for each in fields(Finding):
            assert getattr(late, each.name) == getattr(whole, each.name)
        assert pickle.loads(pickle.dumps(late)) == whole


WORKS_OFF = """
fleet f "F" {
  demand d { steady 10/s; peak 40/s for 10m every 1d }
  dependency api { limit 45 requests/s; latency p50 20ms, p99 90ms }
  pool p {
    serves d { timeout 2s }
    agents 2..9
    each { concurrency 4; service mean 300ms, p99 1s; startup 30s }
    scale on cpu 60%
  }
  call p -> api { timeout 1s }
}
"""


def test_what_is_open_reads_the_same_told_with_what_must_be_and_without() -> None:
    analysis = Analysis(fleet_of(WORKS_OFF))
    [one] = [one for family in FAMILIES for one in family(analysis) if isinstance(one, Open)]
    told = one.finding()
    assert one.told().must == () and one.exact.must
    assert told == one.exact.finding()


@given(POSITIVE, POSITIVE)
def test_a_sure_comparison_is_true(need: Fraction, have: Fraction) -> None:
    if surely_below(double(need), double(have)):
        assert need < have


@given(st.fractions(0, 10**9))
def test_a_sure_ceiling_is_the_ceiling(number: Fraction) -> None:
    rounded = surely_ceiling(double(number))
    assert rounded is None or rounded == -(-number.numerator // number.denominator)


@given(
    st.integers(1, 9),
    st.lists(st.integers(-1, 1500), min_size=1, max_size=12).map(sorted),
    st.integers(1, 100).map(lambda n: n * 10),
    st.sampled_from([Fraction(0), Fraction(5), Fraction(77, 10), Fraction(1, 3)]),
    st.sampled_from([None, Fraction(2, 5), Fraction(9, 10)]),
)
def test_growth_by_steps_is_growth_by_samples(
    start: int, after: list[int], percent: int, startup: Fraction, full: Fraction | None
) -> None:
    steps = Stepped(start, tuple(after))
    until = Fraction(max(after) + 1, 10)
    sampled = Sampled(lambda time: steps.at(time * 1000), until)
    for count in range(start + 1, start + len(after) + 1):
        assert steps.since(count) == sampled.since(count)

    def grown(known: Stepped | None) -> object:
        return latest_growth(
            sampled.needed,
            until,
            start,
            behavior_of(0, percent, 15),
            startup=startup,
            metric_delay=Fraction(15),
            full_share=full,
            steps=known,
        )

    assert grown(steps) == grown(None)


@given(
    st.lists(
        st.tuples(st.fractions(0, 9, max_denominator=6), st.integers(0, 9), st.none() | st.integers(0, 20)), max_size=7
    ),
    st.fractions(0, 60, max_denominator=5),
)
def test_a_level_found_in_doubles_is_the_exact_level(
    asked: list[tuple[Fraction, int, int | None]], more: Fraction
) -> None:
    claims = [
        Claim(weight, Fraction(floor), None if room is None else Fraction(floor + room))
        for weight, floor, room in asked
    ]
    whole = sum((one.floor for one in claims), Fraction(0)) + more
    level = _level(whole, claims)
    assert max_min(whole, claims) == tuple(_at(one, level) for one in claims)
