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
    jump = 0 if rise is None else draw(st.one_of(st.just(0), st.integers(0, most // 4)))
    return Envelope(steady, peak + jump, rise, jump=jump)


@st.composite
def bases_inside(draw: st.DrawFn, envelope: Envelope, syncs: int = 60) -> list[Line]:
    """A course of what does not jump beside a rise."""
    lines: list[Line] = []
    level = envelope.steady
    for _ in range(syncs):
        begin = level if draw(st.booleans()) else draw(st.integers(envelope.steady, level))
        if envelope.rise is None and draw(st.booleans()):
            begin = envelope.highest
        end = draw(st.sampled_from((begin, envelope.reaches(begin), envelope.steady)))
        lines.append((begin, end))
        level = end
    return lines


@st.composite
def jumps_inside(draw: st.DrawFn, envelope: Envelope, syncs: int = 60) -> list[Line]:
    """A course of what may come and go at once beside it."""
    jumped = st.sampled_from((0, envelope.jump // 2, envelope.jump))
    return [(draw(jumped), draw(jumped)) if envelope.jump else (0, 0) for _ in range(syncs)]


def together(base: list[Line], jumps: list[Line]) -> list[Line]:
    return [(begin + low, end + high) for (begin, end), (low, high) in zip(base, jumps, strict=True)]


def flapping_pods(minimum: int, maximum: int, behavior: Behavior, grace_s: int) -> int:
    """Pods at the worst moment where nothing is updated."""
    return maximum + max((one.times * one.agents for one in falls(minimum, maximum, behavior, grace_s)), default=0)
