from __future__ import annotations

from seatrial.chaos.local.shedding import LEAST_SAMPLES, LatencyShedder, ShedRule
from seatrial.compiler.semantics.shedding import LOOKS_BACK_S

_RULE = ShedRule(priority=-100, quantile=0.95, above_seconds=1.0)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def _slow(shedder: LatencyShedder, count: int, seconds: float) -> None:
    for _ in range(count):
        shedder.record(seconds)


def test_low_priority_is_refused_while_the_quantile_is_above_the_bound() -> None:
    shedder = LatencyShedder((_RULE,), Clock())
    _slow(shedder, LEAST_SAMPLES, 2.0)
    assert shedder.refuses(-100)
    assert not shedder.refuses(0)


def test_one_slow_answer_in_twenty_is_not_a_slow_p95() -> None:
    shedder = LatencyShedder((_RULE,), Clock())
    _slow(shedder, 19, 0.1)
    _slow(shedder, 1, 9.0)
    assert not shedder.refuses(-100)


def test_two_slow_answers_in_twenty_are() -> None:
    shedder = LatencyShedder((_RULE,), Clock())
    _slow(shedder, 18, 0.1)
    _slow(shedder, 2, 9.0)
    assert shedder.refuses(-100)


def test_shedding_ends_when_the_slow_answers_have_left_the_window() -> None:
    clock = Clock()
    shedder = LatencyShedder((_RULE,), clock)
    _slow(shedder, 100, 2.0)
    assert shedder.refuses(-100)
    clock.now = LOOKS_BACK_S + 0.1
    assert not shedder.refuses(-100)


def test_with_too_few_samples_nobody_is_refused() -> None:
    shedder = LatencyShedder((_RULE,), Clock())
    _slow(shedder, LEAST_SAMPLES - 1, 5.0)
    assert not shedder.refuses(-100)


def test_of_two_callers_rules_the_one_that_refuses_more_counts() -> None:
    shedder = LatencyShedder((_RULE, ShedRule(priority=0, quantile=0.5, above_seconds=1.0)), Clock())
    _slow(shedder, LEAST_SAMPLES, 2.0)
    assert shedder.refuses(0)
    assert not shedder.refuses(100)
