"""A throughput is judged where the trial asks for as much, and nowhere else."""

from __future__ import annotations

from fractions import Fraction

import pytest

from seatrial.chaos.evidence import Request
from seatrial.chaos.verdict.result import Judgement, Outcome
from seatrial.chaos.verdict.throughput import judge_throughput, stretches
from seatrial.compiler.plan_containment import ThroughputObjective
from seatrial.compiler.plan_trials import LoadPlan, LoadPoint, TrialPlan
from seatrial.dsl.source import Source, Span

HERE = Span(Source("f.fleet", "fleet f {}"), 0, 5)


def _trial(*points: tuple[int, int], scale: Fraction = Fraction(1)) -> TrialPlan:
    load = LoadPlan("d", tuple(LoadPoint(Fraction(at), Fraction(rate)) for at, rate in points), False)
    return TrialPlan("t", scale, Fraction(20), (load,), (), HERE)


def _judged(trial: TrialPlan, failed: int, limit: int = 100) -> Judgement:
    requests = [Request("d", 10 + index / 100, 0.0, 0.0, 503 if index < failed else 200) for index in range(1000)]
    return judge_throughput(ThroughputObjective("throughput/d", "d", Fraction(limit), HERE), trial, requests)


def test_only_stretches_whose_plan_is_high_enough_count() -> None:
    trial = _trial((0, 50), (10, 50), (10, 120))
    assert [tuple(map(int, one)) for one in stretches(trial, "d", Fraction(100))] == [(10, 20, 120)]
    assert [tuple(map(int, one)) for one in stretches(trial, "d", Fraction(50))] == [(0, 10, 50), (10, 20, 120)]
    assert stretches(trial, "d", Fraction(200)) == ()
    assert stretches(trial, "other", Fraction(1)) == ()


@pytest.mark.parametrize(
    ("failed", "outcome"), [(0, Outcome.PASS), (50, Outcome.PASS), (166, Outcome.INCONCLUSIVE), (400, Outcome.FAIL)]
)
def test_a_plan_above_the_objective_leaves_room_for_failures(failed: int, outcome: Outcome) -> None:
    assert _judged(_trial((0, 120)), failed).outcome is outcome


def test_a_load_that_asks_for_less_measures_nothing() -> None:
    judged = _judged(_trial((0, 50)), 0)
    assert judged.outcome is Outcome.UNMEASURED
    assert judged.measured is None


def test_figures_are_at_the_trials_scale() -> None:
    judged = _judged(_trial((0, 1000), scale=Fraction(1, 10)), 0, limit=1000)
    assert (judged.limit, judged.measured) == (100, 50)
