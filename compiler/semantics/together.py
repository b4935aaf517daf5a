"""Pools under their autoscalers, and what arrives at them -> a course of all demands on which they hold the most.

Invariant: what is found is allowed by each pool's own envelope and was run by the exact rules, all pools at the same
syncs. All demands are at every time the same share of their way from steady to peak, to a thousandth of a request a
second, so that it is a course of every reading of a spec that says nothing of how demands go together.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from .envelope import Envelope
from .flapping import syncs_of, there
from .pool_loop import Line, PoolLoop
from .pool_loop_fast import raised, resting_agents, tried
from .worst_trace import LONGEST, Stretch, drawn

WAY = 1_000_000
"""Parts of the way from steady to peak where several pools go it; of one pool it is in thousandths of a request."""

MOST_RUNS = 600
"""Courses of single pools that are run for one question; at least one of each."""

LEVELS = (35, 25, 50, 15, 65, 0)
"""Per cents of the peak to which demand falls, of the first pool."""


class Mover(NamedTuple):
    """A pool's loop, what arrives at it, and the seconds that its pods take to leave. The envelope moves."""

    loop: PoolLoop
    envelope: Envelope
    grace_s: int

    @property
    def way(self) -> int:
        return self.envelope.peak - self.envelope.steady


class Run(NamedTuple):
    """Of one pool: the demand, the counts, and the pods that are there, sync by sync."""

    lines: tuple[Line, ...]
    counts: tuple[int, ...]
    pods: tuple[int, ...]
    most: int
    """Pods at a time."""


@dataclass(frozen=True, slots=True)
class Together:
    """The shares of the way, of `way`; each pool's run, as they were given; and the sync at which they hold most."""

    shares: tuple[Line, ...]
    way: int
    runs: tuple[Run, ...]
    at: int


def held_together(movers: Sequence[tuple[Mover, Fraction]], limit: Fraction) -> Together | None:
    """The first course, of those that are looked at, on which the pools hold more than `limit` at a sync, each pod of a
    pool what stands beside it; None where they do on none."""
    kinds = list(dict.fromkeys(mover for mover, _ in movers))
    way = kinds[0].way if len(kinds) == 1 else WAY
    gain = _gain(kinds, way)
    if gain == 0:
        return None
    unit = math.lcm(*(each.denominator for _, each in movers))
    weights = dict.fromkeys(kinds, 0)
    for mover, each in movers:
        weights[mover] += int(each * unit)
    for stretches in _falls(kinds, way, gain)[: max(1, MOST_RUNS // len(kinds))]:
        pods_of: dict[Mover, tuple[array[int], int]] = {}
        for kind in kinds:
            found = _pods(kind, way, gain, stretches)
            if found is None:
                break
            pods_of[kind] = found
        else:
            if sum(weights[kind] * pods_of[kind][1] for kind in kinds) <= limit * unit:
                continue
            held = [
                sum(weights[kind] * pods for kind, pods in zip(kinds, at, strict=True))
                for at in zip(*(pods_of[kind][0] for kind in kinds), strict=True)
            ]
            if max(held) > limit * unit:
                runs = {kind: run for kind in kinds if (run := _run(kind, way, gain, stretches)) is not None}
                shares = drawn(stretches, Envelope(0, way, gain))
                return Together(shares, way, tuple(runs[mover] for mover, _ in movers), held.index(max(held)))
    return None


def _gain(kinds: Sequence[Mover], way: int) -> int | None:
    """The most that all can go in a sync, of `way`; None: they may jump."""
    gains = []
    for one in kinds:
        if one.envelope.rise is not None:
            # A share that is no whole rate is rounded.
            rise = one.envelope.rise if one.way == way else one.envelope.rise - 1
            gains.append(max(0, rise * way // one.way))
    return min(gains, default=None)


@lru_cache(maxsize=16_384)
def _pods(of: Mover, way: int, gain: int | None, stretches: tuple[Stretch, ...]) -> tuple[array[int], int] | None:
    """Of a run the pods and the most of them: what is looked up for every course, where a whole run is fifty times
    as large."""
    run = _run(of, way, gain, stretches)
    return None if run is None else (array("I", run.pods), run.most)


def _run(of: Mover, way: int, gain: int | None, stretches: tuple[Stretch, ...]) -> Run | None:
    """None where its envelope does not allow the course."""
    steady = of.envelope.steady
    shares = drawn(stretches, Envelope(0, way, gain))
    lines = tuple((steady + of.way * begin // way, steady + of.way * end // way) for begin, end in shares)
    if not of.envelope.allowed(lines):
        return None
    counts = tried(of.loop, lines, resting_agents(of.loop, steady)).replicas
    pods = tuple(there(counts, of.grace_s))
    return Run(lines, counts, pods, max(pods))


def _falls(kinds: Sequence[Mover], way: int, gain: int | None) -> list[tuple[Stretch, ...]]:
    """Courses that are long at the peak, then once or several times low just until agents are sent away, and at once at
    the peak again, in the end until these have left."""
    first = kinds[0]
    climb = 0 if gain is None else -(-way // gain)
    grown = climb + max(one.loop.startup_syncs + _growing(one.loop) for one in kinds) + 10
    gone = climb + max(syncs_of(one.grace_s) for one in kinds) + 1
    rates = (first.envelope.peak * part // 100 - first.envelope.steady for part in LEVELS)
    levels = dict.fromkeys(max(0, rate) * way // first.way for rate in rates)
    windows = dict.fromkeys(max(1, syncs_of(one.loop.down_window_s)) for one in kinds)
    lows = [(level, window + more) for more in range(4) for window in windows for level in levels]
    found = [
        ((0, 2), (way, grown), *((low, (way, climb + 1)) * again), low, (way, gone)) for again in (0, 2) for low in lows
    ]
    return [one for one in found if sum(syncs for _, syncs in one) <= LONGEST]


def _growing(loop: PoolLoop) -> int:
    """Syncs in which a pool may grow from its minimum to its maximum."""
    count, steps = loop.minimum, 0
    while count < loop.maximum:
        count, steps = raised(count, loop.percent), steps + 1
    return steps * syncs_of(loop.period_s)
