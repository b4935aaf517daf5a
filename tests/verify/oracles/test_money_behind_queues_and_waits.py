"""Agents that are too few for a peak, run second by second: what they spend on tokens in an hour and in a day."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from .trying import cases, judged

_STEP = 10


@dataclass(frozen=True)
class Peaks:
    steady: int
    peak: int
    minutes: int
    hours: int

    def comes(self, now: int) -> int:
        return self.peak if now % (self.hours * 3600) < self.minutes * 60 else self.steady


def _spent(demand: Peaks, slots: int, takes: int, horizon: int) -> float:
    """Requests in the worst window, from an empty pool on, in steps; each is charged as it is taken on."""
    waiting, done = 0.0, [0.0]
    for now in range(0, 3 * max(demand.hours * 3600, horizon), _STEP):
        waiting += demand.comes(now) * _STEP
        took = min(waiting, slots / takes * _STEP)
        waiting -= took
        done.append(done[-1] + took)
    wide = horizon // _STEP
    return max(after - before for before, after in zip(done, done[wide:], strict=False))


PEAKS = st.builds(Peaks, st.integers(1, 3), st.integers(4, 60), st.sampled_from([10, 45, 90, 200]), st.integers(4, 24))


@cases
def test_no_more_is_spent_than_is_proved_and_as_much_as_is_refuted(cases: int) -> None:
    seen = set()

    @settings(max_examples=cases)
    @example(Peaks(1, 100, 30, 24), 16, 1, True, 70_000, "hour")
    @example(Peaks(1, 100, 30, 24), 16, 1, True, 250_000, "day")
    @example(Peaks(1, 10, 120, 24), 12, 1, False, 36_100, "hour")
    @example(Peaks(1, 10, 120, 24), 12, 1, True, 100_000, "hour")
    @given(
        PEAKS,
        st.integers(4, 40),
        st.integers(1, 2),
        st.booleans(),
        st.integers(3_600, 400_000),
        st.sampled_from(["hour", "day"]),
    )
    def check(demand: Peaks, slots: int, takes: int, queued: bool, budget: int, period: str) -> None:
        if slots <= demand.steady * takes:
            return
        text = (
            f"fleet f {{ demand d {{ steady {demand.steady}/s; peak {demand.peak}/s for {demand.minutes}m every "
            f"{demand.hours}h }}\npool p {{ serves d; agents {slots}; each {{ concurrency 1; "
            f"service mean {takes}s, p99 {takes * 1_050}ms }} }}\n"
            f"dependency llm {{ latency p50 1us, p99 2us; price $1 / 1_000 tokens }}\n"
            "call p -> llm { tokens 1_000 }\n"
            + ("queue q { feeds p; holds at most 100_000_000 }\n" if queued else "")
            + f"budget tokens ${budget}/{period} }}"
        )
        spent = _spent(demand, slots, takes, 3_600 if period == "hour" else 86_400)
        status = judged(text, f"budget/tokens/{period}")
        seen.add(status)
        if status is Status.PROVED:
            assert spent <= budget * 1.001, text
        if status is Status.REFUTED and (queued or demand.peak * takes < slots):
            assert spent >= budget * 0.999, text

    check()
    assert len(seen) == 3
