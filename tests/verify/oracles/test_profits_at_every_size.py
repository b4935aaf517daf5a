"""What a pool earns with every number of agents: the best is within the bounds, or it is said that it is not."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from .trying import cases, judged

_MOST = 500
"""More agents than any request here is worth."""


@cases
def test_the_best_number_of_agents_is_found(cases: int) -> None:
    @settings(max_examples=cases)
    @example(0, 1, 2, 100, 3, 1, (5, 1), (2, 15))
    @given(
        st.sampled_from([0, 1, 5, 20]),
        st.integers(1, 3),
        st.sampled_from([1, 2, 4]),
        st.sampled_from([50, 100, 400]),
        st.sampled_from([1, 3, 10, 40]),
        st.sampled_from([1, 5, 20]),
        st.tuples(st.sampled_from([0, 1, 5, 20, 50, 100]), st.sampled_from([0, 1, 2, 5])),
        st.tuples(st.integers(1, 8), st.integers(1, 20)),
    )
    def check(
        steady: int,
        times: int,
        slots: int,
        takes_ms: int,
        worth: int,
        price: int,
        lost: tuple[int, int],
        bounds: tuple[int, int],
    ) -> None:
        each, pair = lost
        least, most = bounds[0], sum(bounds)
        overhead = f"overhead {each}% per agent{f', {pair}% per pair' if pair else ''}"
        takes = f"service mean {takes_ms}ms, p99 {takes_ms}ms"
        text = (
            f"fleet f {{ demand d {{ steady {steady}/s }}\n"
            "pool g { serves d; agents 50; each { concurrency 50; service mean 5ms, p99 5ms } }\n"
            f"pool p {{ agents {least}..{most}; scale on busy 60%; {overhead}\n"
            f"each {{ concurrency {slots}; {takes}; price ${price}/h }}; value ${worth / 10_000:.4f} per request }}\n"
            f"call g -> p {times} per request }}"
        )

        def earned(agents: int) -> Fraction:
            held_up = 1 + Fraction(each, 100) * (agents - 1) + Fraction(pair, 100) * agents * (agents - 1)
            answered = min(Fraction(agents * slots * 3_600_000, takes_ms) / held_up, Fraction(steady * times * 3600))
            return answered * Fraction(worth, 10_000) - agents * price

        # Of those that earn as much the fewest.
        best = max(range(1, _MOST), key=lambda agents: (earned(agents), -agents))
        status = judged(text, "economics/p")
        if steady == 0:
            assert status is Status.UNKNOWN, text
        else:
            assert (status is Status.PROVED) == (earned(best) >= 0 and best <= most and least <= best), text

    check()
