"""A slot is held for what is added to the answers that it waits for, also where a call is only sometimes made."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pytest

from seatrial.compiler.model import Call
from seatrial.compiler.verify.flows.analysis import Analysis, Level
from seatrial.compiler.verify.flows.lengthened import Lengthened
from seatrial.compiler.verify.flows.occupancy import Times

from .specs import fleet_of


@dataclass(frozen=True)
class _Later(Lengthened):
    more: float = 0.0

    def added(self, call: Call) -> Times:
        return Times(self.more, 0.0)


@pytest.mark.parametrize("often", [0.25, 0.5, 1.0])
def test_a_constant_is_added_exactly(often: float) -> None:
    analysis = Analysis(
        fleet_of(
            f"""fleet f {{
            demand d {{ steady 10/s }}
            pool a {{ serves d; agents 9; each {{ concurrency 4; service mean 100ms, p99 300ms }} }}
            dependency db {{ latency p50 40ms, p99 200ms }}
            call a -> db {often} per request
            }}"""
        )
    )
    pool, answer = analysis.pool("a"), analysis.latency("db")
    own = analysis.service(pool)
    assert own is not None and answer is not None
    held = _Later(analysis, Level.PEAK, more=0.3).held(pool)
    assert isinstance(held, Times)
    (mean, variance), (whole, spread) = own[1], answer[1]
    assert math.isclose(held.mean, mean + often * (whole + 0.3))
    # A call that is made or not: of what is held for it the mean square is `often` times that of the answer.
    assert math.isclose(held.variance, variance + often * spread + often * (1 - often) * (whole + 0.3) ** 2)
