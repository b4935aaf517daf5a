"""Agents that are killed refuse at once and look idle: who takes the less loaded of two meets more than their part."""

from __future__ import annotations

import pytest

from .oracles.test_struck_fleets_request_by_request import _Fault, _Fleet, _late, _Policy
from .specs import judged, unknown

_BOUND = 31.0
"""Seconds: noticed within one, and thirty to start."""


def _struck(route: str, rate: int) -> _Fleet:
    """p0 -> p1 -> p2, where others keep p2 busy, one of its four agents is killed, and p0 tries p1 again."""
    again, once = _Policy(route, None, 2, None), _Policy(route, None, 0, None)
    return _Fleet(
        edges=((0, 1), (1, 2)),
        rates={0: rate, 2: 200},
        works=[20, 400, 50],
        concurrency=[16, 4, 16],
        startups=[2, 2, 30],
        agents=[20, 7, 4],
        policies={(-1, 0): once, (-1, 2): once, (0, 1): again, (1, 2): once},
        faults=[_Fault("kill", 2, 1, 20.0, 10)],
        listed=True,
        as_envoy=True,
    )


@pytest.mark.parametrize("rate", [44, 46])
def test_what_is_tried_again_further_up_piles_up_longer_than_by_their_part(rate: int) -> None:
    # 1 - (3/4)^2 of the calls meet the dead one, where a fourth were counted: p1 cannot do all that p0 tries again.
    fleet = _struck("least loaded", rate)
    assert _late(fleet, _BOUND)
    assert "p1 has 1." in unknown(_struck("least loaded", rate).text, "recovery").reason


def test_in_turn_they_get_their_part() -> None:
    found = judged(_struck("round robin", 40).text)["recovery"]
    assert found.bound is not None and float(found.bound) == _BOUND
