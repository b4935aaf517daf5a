"""A pool's autoscaler and an envelope -> the course of demand, of those looked at, that does the most harm.

Invariant: what is found is allowed by the envelope and was run by the exact rules; the same question gives the same
answer, for the search has no chance in it but a generator with a constant seed, and no clock but a count of courses.

First corners: the steepest rise, to the peak and between; a rise in two steps; pulses about as long as what the loop
remembers (a sync, a step's period, a start-up, a window); a fall that is just long enough for agents to be taken away.
Then changes of the best so far, one at a time, kept when they do more harm. Source: the corners are those of bounded
rates (a bang-bang course), the climb is Russell and Norvig's first-choice hill climbing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .envelope import Envelope
from .pool_loop import Line, PoolLoop
from .pool_loop_fast import SYNC_S, Tried, resting_agents, tried

MOST_COURSES = 400
"""Courses that are looked at for one question."""

LONGEST = 1_000
"""Syncs of the longest course that is run: about four hours."""

Stretch = tuple[int, int]
"""A level that is gone to as fast as may be, and for how many syncs it is the aim."""


@dataclass(frozen=True, slots=True)
class Worst:
    """The course, the count it begins with, what it does, and how many courses were looked at."""

    lines: tuple[Line, ...]
    start: int
    tried: Tried
    harm: int
    looked_at: int


def worst_trace(
    loop: PoolLoop,
    envelope: Envelope,
    harm: Callable[[Tried], int],
    *,
    enough: int | None = None,
    most: int = MOST_COURSES,
) -> Worst:
    """The most harmful course of at most `most`; the first one that does more harm than `enough`.

    It begins with the fewest agents that the steady level leaves alone.
    """
    start = resting_agents(loop, envelope.steady)
    calm = ((envelope.steady, envelope.steady),) * 2
    best = Worst(calm, start, tried(loop, calm, start), 0, 0)
    best_stretches: tuple[Stretch, ...] = ((envelope.steady, 2),)
    looked_at = 0
    shift = _Shift()
    waiting = corners(loop, envelope)
    while looked_at < most and (enough is None or best.harm <= enough):
        stretches = next(waiting, None) or _changed(best_stretches, loop, envelope, shift)
        looked_at += 1
        if sum(syncs for _, syncs in stretches) > LONGEST:
            continue
        lines = drawn(stretches, envelope)
        if not envelope.allowed(lines):
            continue
        found = tried(loop, lines, start)
        done = harm(found)
        if done > best.harm:
            best, best_stretches = Worst(lines, start, found, done, looked_at), stretches
    return Worst(best.lines, best.start, best.tried, best.harm, looked_at)


def drawn(stretches: tuple[Stretch, ...], envelope: Envelope) -> tuple[Line, ...]:
    """The course that goes to each level as fast as the envelope lets it."""
    lines: list[Line] = []
    level = envelope.steady
    for aim, syncs in stretches:
        for _ in range(syncs):
            if aim <= level or envelope.rise is None:
                lines.append((aim, aim))
                level = aim
            else:
                after = min(aim, level + envelope.rise)
                lines.append((level, after))
                level = after
    return tuple(lines)


def memories(loop: PoolLoop) -> tuple[int, ...]:
    """How many syncs the loop remembers things for: what a course may play with."""
    syncs = {1, 2, 3, -(-loop.period_s // SYNC_S), loop.startup_syncs + 1, -(-loop.down_window_s // SYNC_S)}
    return tuple(sorted({one for each in syncs for one in (each, each + 1) if one > 0}))


def corners(loop: PoolLoop, envelope: Envelope) -> Iterator[tuple[Stretch, ...]]:
    """Courses at the edges of what is allowed, the plainest first."""
    steady, peak = envelope.steady, envelope.peak
    climb = 0 if envelope.rise is None else -(-(peak - steady) // max(1, envelope.rise))
    long = climb + loop.startup_syncs + 20
    if envelope.lasts is not None:
        long = min(long, envelope.lasts)
    calm = (steady, 2)
    yield (calm, (peak, long))
    between = [steady + (peak - steady) * part // 8 for part in range(1, 8)]
    for level in between:
        yield (calm, (level, long))
    times = memories(loop)
    for length in times:
        yield (calm, (peak, climb + length), (steady, 4))
    for pause in times:
        for height in (between[1], between[3], between[5]):
            yield (calm, (height, climb + pause), (peak, long))
    for up in times:
        for down in times:
            rest = max(down, envelope.every or 0)
            yield (calm, *(((peak, climb + up), (steady, rest)) * 4), (peak, long))
    for length in times:
        for height in (between[1], between[3], between[5]):
            yield (calm, *(((peak, climb + length), (height, length)) * 4), (peak, long))


def _changed(stretches: tuple[Stretch, ...], loop: PoolLoop, envelope: Envelope, shift: _Shift) -> tuple[Stretch, ...]:
    """One level, one length or one stretch another; the first stretch stays at steady."""
    at = shift.below(len(stretches))
    level, syncs = stretches[at]
    kind = shift.below(4)
    span = envelope.peak - envelope.steady
    if at == 0 or kind == 0:
        more = (envelope.steady + span * shift.below(17) // 16, 1 + shift.below(2 * memories(loop)[-1]))
        return (*stretches[: at + 1], more, *stretches[at + 1 :])
    if kind == 1 and len(stretches) > 2:
        return (*stretches[:at], *stretches[at + 1 :])
    if kind == 2:
        step = max(1, span // (1 << (1 + shift.below(6))))
        level = min(envelope.peak, max(envelope.steady, level + (step if shift.below(2) else -step)))
    else:
        syncs = max(1, syncs + (1 + shift.below(3)) * (1 if shift.below(2) else -1))
    return (*stretches[:at], (level, syncs), *stretches[at + 1 :])


class _Shift:
    """Marsaglia's xorshift32 (Journal of Statistical Software 8(14), 2003), from a constant: the same each time."""

    def __init__(self) -> None:
        self._state = 2_463_534_242

    def below(self, count: int) -> int:
        state = self._state
        state ^= (state << 13) & 0xFFFFFFFF
        state ^= state >> 17
        state ^= (state << 5) & 0xFFFFFFFF
        self._state = state
        return state % count
