"""How often small fleets are drawn, and how a verdict is held against what trying everything says."""

from __future__ import annotations

import pytest

from seatrial.compiler.verify import Status
from seatrial.compiler.verify.check import statuses

from ..specs import fleet_of

MANY = 10_000


def drawn(few: int, many: int = MANY) -> pytest.MarkDecorator:
    """So many fleets: a few of each kind in every run, thousands of each in the slow one, an hour in all."""
    return pytest.mark.parametrize("cases", [few, pytest.param(many, marks=pytest.mark.slow)], ids=["few", "many"])


cases = drawn(10)


def judged(text: str, id: str) -> Status:
    """The checker's answer before a solver is asked: what it proves, no solver sees."""
    return statuses(fleet_of(text))[id]


def agrees(status: Status, holds: bool, text: str, *, open: bool = False) -> None:
    """Proved only what holds, refuted only what does not; unknown only where that is `open`."""
    if status is Status.UNKNOWN:
        assert open, f"undecided:\n{text}"
    else:
        assert (status is Status.PROVED) == holds, f"{status} but holds={holds}:\n{text}"


def most_during_an_update(agents: int) -> int:
    """A Deployment is updated step by step: new pods come while all that do not leave are at most a quarter over the
    size; once they are there as many old ones are told to leave, and hold what they hold until those of the next step
    are there."""
    most_allowed = agents + -(-agents // 4)
    old, new, leaving, most = agents, 0, 0, agents
    while old:
        new = min(agents, most_allowed - old)
        most = max(most, old + new + leaving)
        leaving = min(old, old + new - agents)
        assert leaving
        old -= leaving
        most = max(most, old + min(agents, most_allowed - old) + leaving)
    return most
