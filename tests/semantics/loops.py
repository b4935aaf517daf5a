"""Random autoscaled pools, envelopes and courses of demand inside them."""

from __future__ import annotations

from hypothesis import strategies as st

from seatrial.compiler.semantics.envelope import Envelope
from seatrial.compiler.semantics.flapping import falls
from seatrial.compiler.semantics.hpa_behavior import Behavior
from seatrial.compiler.semantics.pool_loop import SIGNALS, Line, PoolLoop


@st.composite
def pool_loops(draw: st.DrawFn, signals: tuple[str, ...] = SIGNALS, ages: tuple[int, ...] = (0, 1)) -> PoolLoop:
    minimum = draw(st.integers(1, 6))
    concurrency, answers = draw(st.integers(1, 8)), draw(st.integers(500, 50_000))
    signal = draw(st.sampled_from(signals))
    most = {"rate": answers, "busy": 1000, "in flight": concurrency * 1000, "queue": 20_000}[signal]
    return PoolLoop(
        signal=signal,
        target_milli=draw(st.integers(most // 10, most)),
        minimum=minimum,
        maximum=minimum + draw(st.integers(0, 30)),
        percent=draw(st.sampled_from((5, 10, 50, 100, 200))),
        period_s=draw(st.sampled_from((1, 15, 20, 60, 300))),
        down_window_s=draw(st.sampled_from((0, 10, 15, 60, 100, 300))),
        concurrency=concurrency,
        answers_milli=answers,
        startup_ms=draw(st.sampled_from((0, 5_000, 15_000, 20_000, 45_000, 47_000, 100_000))),
        age=draw(st.sampled_from(ages)),
    )


@st.composite
def any_lines(draw: st.DrawFn, loop: PoolLoop) -> list[Line]:
    """Whatever course of up to 60 syncs, from nothing to more than the pool can ever answer."""
    rates = st.integers(0, loop.maximum * loop.answers_milli * 6 // 5)
    lines: list[Line] = []
    for _ in range(draw(st.integers(1, 10))):
        begin = draw(rates)
        end = draw(st.one_of(st.just(begin), rates))
        lines += [(begin, end)] * draw(st.integers(1, 6))
    return lines


@st.composite
def envelopes(draw: st.DrawFn, loop: PoolLoop) -> Envelope:
    most = loop.maximum * loop.answers_milli
    steady = draw(st.integers(1, most // 2))
    peak = steady + draw(st.integers(0, most // 2))
    rise = draw(st.one_of(st.none(), st.integers(max(1, (peak - steady) // 40), max(1, peak - steady))))
    return Envelope(steady, peak, rise)


@st.composite
def lines_inside(draw: st.DrawFn, envelope: Envelope, syncs: int = 60) -> list[Line]:
    """A course that the envelope allows."""
    lines: list[Line] = []
    level = envelope.steady
    for _ in range(syncs):
        highest = envelope.above(level)
        begin = level if draw(st.booleans()) else draw(st.integers(envelope.steady, level))
        if envelope.rise is None and draw(st.booleans()):
            begin = highest
        most = min(envelope.peak, begin + envelope.rise) if envelope.rise is not None else envelope.peak
        end = draw(st.sampled_from((begin, most, envelope.steady)))
        lines.append((begin, end))
        level = end
    return lines


def flapping_pods(minimum: int, maximum: int, behavior: Behavior, grace_s: int) -> int:
    """Pods at the worst moment where nothing is updated."""
    return maximum + max((one.times * one.agents for one in falls(minimum, maximum, behavior, grace_s)), default=0)
