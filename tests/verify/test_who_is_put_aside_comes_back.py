"""An ejection ends while its agent still hangs: each time that it is taken back, tries meet it again."""

from __future__ import annotations

from .oracles.test_struck_fleets_request_by_request import _Fault, _Fleet, _Policy
from .specs import proved
from .struck import Breaker

_SECONDS = 120


def _struck(lasts: int, aside: int) -> tuple[float, float]:
    """The share that was proved to fail at the most, and the one that does."""
    policy = _Policy("round robin", 1, 0, Breaker(2, 0.5, aside))
    faults = [_Fault("hang", 0, 1, 10.0, lasts)]
    fleet = _Fleet((), {0: 20}, [50], [8], [2], [4], {(-1, 0): policy}, faults, False)
    bound = proved(fleet.promising("guarantee success 1%", _SECONDS), "success/d0").bound
    assert bound is not None
    fleet.as_envoy, fleet.comes_for = True, _SECONDS
    fleet.run(_SECONDS + 60)
    answers = fleet.answers[0]
    return 1 - float(bound), 1 - sum(answers) / len(answers)


def test_a_hang_that_outlasts_its_ejection_fails_more_than_once() -> None:
    most, failed = _struck(lasts=100, aside=5)
    assert 0.02 < failed <= most < 0.06


def test_a_hang_that_is_over_before_fails_once() -> None:
    most, failed = _struck(lasts=20, aside=30)
    assert 0.002 < failed <= most < 0.006
