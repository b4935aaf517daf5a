"""What may arrive at a pool -> whether a course of it is allowed, and what it may come to until the next sync.

Invariant: `allowed` is the one meaning of the envelope: the rate is never below steady nor above peak, never rises
faster than stated, is above steady for no longer than a peak may last (and the rise into it takes), and is so again
only when the next peak may come. It may fall at any speed. Where a peak may always last, it may be there always.

Of demands of which some may jump and others have a slope, the envelope is of both together: a base, which rises by the
slopes of these, and on top of it up to `jump`, which comes and goes as it likes. Each lies in a line between two syncs.

Rates in thousandths of a request per second; a time of 15 s lies between two syncs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt

from .controller import SYNC_PERIOD_MS
from .pool_loop import Line


@dataclass(frozen=True, slots=True)
class Envelope:
    """`rise`: the most that the rate gains from one sync to the next; None: it may jump. `lasts` and `every` are the
    most syncs that one excursion above steady takes in all, and the fewest from the beginning of one to the next; None:
    without end, and whenever it likes. `jump`: of the way from steady to peak, what may come at once beside a rise.

    A level is the base's: all that comes, where nothing jumps beside a rise."""

    steady: int
    peak: int
    rise: int | None = None
    lasts: int | None = None
    every: int | None = None
    jump: int = 0

    @property
    def moves(self) -> bool:
        return self.peak > self.steady

    def allowed(self, lines: Sequence[Line]) -> bool:
        level: int | None = None
        began: int | None = None
        above = 0
        for index, (begin, end) in enumerate(lines):
            if not (self.steady <= begin <= self.peak and self.steady <= end <= self.peak):
                return False
            # The base is as high as it may be: what it cannot be now it can never be again.
            base = min(begin, self.highest if level is None or self.rise is None else level)
            level = min(end, self.reaches(base))
            if max(begin - base, end - level) > self.jump:
                return False
            if max(begin, end) > self.steady:
                if above == 0:
                    if began is not None and self.every is not None and index - began < self.every:
                        return False
                    began = index
                above += 1
                if self.lasts is not None and above > self.lasts:
                    return False
            else:
                above = 0
        return True

    @property
    def highest(self) -> int:
        """The highest level."""
        return self.peak - self.jump

    def reaches(self, level: int) -> int:
        """The highest level at the next sync."""
        return self.highest if self.rise is None else min(self.highest, level + self.rise)

    def above(self, level: int) -> int:
        """The highest rate until the next sync."""
        return self.reaches(level) + self.jump

    def end(self, level: int, mean: int) -> int:
        """The highest level at the next sync if the mean until then is `mean`: rounded up."""
        if self.rise is None:
            return self.highest
        # From steady in a line up to e the mean is steady + (e - steady)^2 / 2 rise while that takes no longer.
        over = max(0, mean - self.steady)
        low = self.steady + _root_up(2 * self.rise * over)
        most = low if low - self.steady <= self.rise else mean + -(-self.rise // 2)
        return min(self.reaches(level), most)

    def mean(self, level: int) -> int:
        """The highest mean until the next sync: rounded up."""
        if self.rise is None or level >= self.highest:
            return self.peak
        climb = min(self.rise, self.highest - level)
        # In a line to the highest level, then there: less by climb^2 / 2 rise.
        mean = self.highest - climb * climb // (2 * self.rise) if climb < self.rise else level + -(-self.rise // 2)
        return mean + self.jump

    def excess(self, level: int, mean: int, capacity: int) -> int:
        """The most that comes above `capacity` in any stretch until the next sync, in millionths: rounded up."""
        most = self.above(level)
        if most <= capacity:
            return 0
        if level + self.jump >= capacity or self.rise is None:
            peak = (most - capacity) * SYNC_PERIOD_MS
        else:
            # In a line to the highest rate, as steep as it may be, then there.
            stays = self.rise - (most - level - self.jump)
            over = (most - capacity) * (most - capacity + 2 * stays)
            peak = -(-over * SYNC_PERIOD_MS // (2 * self.rise))
        # No more than comes in all, and that takes its time at the highest rate.
        return min(peak, -(-mean * SYNC_PERIOD_MS * (most - capacity) // most))

    def answered(self, mean: int, most: int, capacity: int) -> int:
        """The least of so much a second that is answered until the next sync, where the level is `most` at the highest:
        rounded down.

        In a line that falls, or above the capacity, nobody is ever idle while something is to be answered. In one that
        rises past the capacity by `over` of its height, over^2 / 2 height waits at the end; it is no higher than it may
        rise, and lies between steady and `most`.
        """
        height = min(self.peak - self.steady, 2 * (most - mean), 2 * (mean - self.steady))
        if self.rise is not None:
            height = min(height, self.rise + self.jump)
        over = 2 * (mean - capacity) + height
        if height <= 0 or over <= 0 or over >= 2 * height:
            return min(mean, capacity)
        return mean - -(-over * over // (8 * height))


def _root_up(square: int) -> int:
    root = isqrt(square)
    return root if root * root == square else root + 1
