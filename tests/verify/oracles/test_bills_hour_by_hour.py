"""What a fleet that grows and shrinks is predicted to cost, hour by hour over a day or a month, wherever its peaks lie.

Pools are scaled on the rate, which needs no model of waits: as many agents as leave each no more than a tenth over the
target. Peaks come as often as they say, each from an hour of its own on.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from .trying import cases, judged

_MONTH = 730


@dataclass(frozen=True, slots=True)
class _Demand:
    steady: int
    more: int
    lasts: int
    every: int
    """Hours."""

    def rates(self, begin: int) -> list[int]:
        return [self.steady + self.more * ((begin + hour) % self.every < self.lasts) for hour in range(_MONTH)]


@dataclass(frozen=True, slots=True)
class _Pool:
    serves: tuple[int, ...]
    most: int
    cents: int


@dataclass(frozen=True, slots=True)
class _Fleet:
    demands: tuple[_Demand, ...]
    pools: tuple[_Pool, ...]

    @property
    def text(self) -> str:
        lines = ["fleet f {"]
        for at, one in enumerate(self.demands):
            peak = f"peak {one.steady + one.more}/s for {one.lasts}h every {one.every}h"
            lines.append(f"demand d{at} {{ steady {one.steady}/s; {peak} }}")
        for at, pool in enumerate(self.pools):
            serves = "; ".join(f"serves d{which}" for which in pool.serves)
            lines.append(
                f"pool p{at} {{ {serves}; agents 1..{pool.most}; scale on rate 10/s per agent\n"
                f"each {{ price ${pool.cents / 100:.2f}/h; concurrency 9; service mean 9ms, p99 30ms }} }}"
            )
        return "\n".join([*lines, "guarantee bill < LIMIT/month", "}"])

    def costs(self) -> list[Fraction]:
        """Of a month, with the peaks at many places."""
        found = []
        starts = [range(0, one.every, max(1, one.every // 6)) for one in self.demands]
        for begins in itertools.product(*starts):
            rates = [one.rates(begin) for one, begin in zip(self.demands, begins, strict=True)]
            cents = 0
            for pool in self.pools:
                for hour in range(_MONTH):
                    asked = math.ceil(Fraction(sum(rates[which][hour] for which in pool.serves), 11))
                    cents += pool.cents * min(max(asked, 1), pool.most)
            found.append(Fraction(cents, 100))
        return found


@cases
def test_a_bill_is_proved_only_where_no_peaks_come_to_more(cases: int) -> None:
    @settings(max_examples=cases, deadline=None)
    # Each pool has its own demand, and so peaks of its own.
    @example(_Fleet((_Demand(1, 90, 1, 24), _Demand(1, 90, 12, 24)), (_Pool((0,), 20, 100), _Pool((1,), 20, 100))), 0)
    @given(
        st.builds(
            _Fleet,
            demands=st.lists(
                st.builds(
                    _Demand,
                    st.integers(1, 20),
                    st.integers(1, 90),
                    st.integers(1, 12),
                    st.sampled_from((24, 36, 168, 700)),
                ),
                min_size=2,
                max_size=2,
            ).map(tuple),
            pools=st.sampled_from((((0,), (1,)), ((0, 1),))).flatmap(
                lambda served: st.tuples(
                    *(st.builds(_Pool, st.just(each), st.integers(2, 20), st.integers(1, 99)) for each in served)
                )
            ),
        ),
        st.integers(-3, 3),
    )
    def check(fleet: _Fleet, more: int) -> None:
        costs = fleet.costs()
        for limit in (min(costs), max(costs)):
            asked = max(Fraction(1), limit + more)
            status = judged(fleet.text.replace("LIMIT", f"${float(asked):.2f}"), "bill/month")
            if status is Status.PROVED:
                assert max(costs) < asked, fleet.text
            if status is Status.REFUTED:
                assert max(costs) >= asked, fleet.text
            if all(len(pool.serves) == 1 for pool in fleet.pools):
                assert status is not Status.UNKNOWN, fleet.text

    check()
