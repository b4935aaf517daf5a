"""What a contract pays, at every size at which an autoscaler leaves a pool alone."""

from __future__ import annotations

import math
from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from .trying import cases, judged


def _stays(agents: int, slots: Fraction, target: Fraction, least: int, most: int) -> bool:
    """Whether the autoscaler's formula asks for as many as there are."""
    ratio = slots / agents / target
    asked = agents if abs(ratio - 1) <= Fraction(1, 10) else math.ceil(agents * ratio)
    return min(max(asked, least), most) == agents


@cases
def test_a_price_pays_for_all_agents_that_may_stay(cases: int) -> None:
    seen = set()

    @settings(max_examples=cases)
    @example(10, 10, 1, 20, 50, 100, 9)
    @example(10, 10, 1, 20, 50, 100, -99)
    @given(
        st.integers(1, 100),
        st.integers(0, 100),
        st.integers(1, 5),
        st.integers(0, 20),
        st.integers(20, 90),
        st.sampled_from([20, 100, 300]),
        st.integers(-50, 50),
    )
    def check(steady: int, more: int, least: int, bounds: int, busy: int, takes_ms: int, off: int) -> None:
        costs = []
        for rate in (steady, steady + more):
            slots = Fraction(rate * takes_ms, 1000)
            costs += [
                Fraction(agents, 10 * rate * 3600)
                for agents in range(least, least + bounds + 1)
                if not bounds or _stays(agents, slots, Fraction(busy, 100), least, least + bounds)
            ]
        price = max(costs) * (100 + off) / 100
        dollars = Fraction(max(1, round(price * 10**8)), 10**8)
        scale = f"agents {least}..{least + bounds}; scale on busy {busy}%" if bounds else f"agents {least}"
        takes = f"service mean {takes_ms}ms, p99 {takes_ms}ms"
        text = (
            f"fleet f {{ demand d {{ steady {steady}/s; peak {steady + more}/s for 1m every 1h }}\n"
            "pool a { serves d; agents 9; each { concurrency 99; service mean 9ms, p99 9ms } }\n"
            f"pool b {{ {scale}; each {{ {takes}; concurrency 1; price $0.1/h }} }}\n"
            f"call a -> b; contract a -> b {{ done within 10s for ${float(dollars):.8f} }} }}"
        )
        status = judged(text, "contract/a-b/price")
        # Sizes between, and a full pool's, cost less than what is proved to be paid.
        assert status is not Status.PROVED or max(costs) <= dollars, text
        if status is Status.REFUTED:
            assert min(costs) > dollars or takes_ms * Fraction(1, 10 * 3600 * 1000) > dollars, text
        seen.add(status)

    check()
    assert Status.PROVED in seen
