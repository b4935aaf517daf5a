"""A Deployment under an autoscaler and rolling updates, pod by pod and second by second.

Shares nothing with the checker: what the Deployment's controller (`scale`, `rolloutRolling`), the autoscaler and the
kubelet do is written down here anew. maxSurge is a quarter, maxUnavailable 0; the controller acts at once; what it
makes and takes back in the same second was no pod.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

LONG_AGO = -(10**6)


def _surge(size: int) -> int:
    return ceil(Fraction(size, 4))


@dataclass(slots=True)
class _Pod:
    made: int
    ready: int


@dataclass(slots=True)
class Deployment:
    """`old` and `new` are the pods of two revisions; without an update all are old ones."""

    size: int
    grace: int
    starts: Callable[[], int]
    now: int = 0
    old: list[_Pod] = field(default_factory=list)
    new: list[_Pod] = field(default_factory=list)
    told: list[int] = field(default_factory=list)
    """When each pod that is leaving was told to."""
    updating: bool = False
    ended: int = LONG_AGO
    scaled: int = 0
    """The size that the revisions were last brought to."""

    def __post_init__(self) -> None:
        self.old = [_Pod(LONG_AGO, LONG_AGO) for _ in range(self.size)]
        self.scaled = self.size

    @property
    def pods(self) -> int:
        return len(self.old) + len(self.new) + sum(1 for at in self.told if self.now - at < self.grace)

    def update(self) -> None:
        """Not before what the last one sent away has left."""
        if not self.updating and self.now - self.ended >= self.grace:
            self.updating = True

    def act(self) -> None:
        while self._acts():
            pass
        self.told = [at for at in self.told if self.now - at < self.grace]

    def _available(self, pods: list[_Pod]) -> int:
        return sum(1 for pod in pods if self.now >= pod.ready + self.grace)

    def _bring(self, pods: list[_Pod], to: int) -> None:
        pods += [_Pod(self.now, self.now + self.starts()) for _ in range(to - len(pods))]
        pods.sort(key=lambda pod: (self.now < pod.ready, pod.made))
        while len(pods) > to:
            if pods.pop().made < self.now:
                self.told.append(self.now)

    def _acts(self) -> bool:
        if not self.updating:
            changed, self.scaled = len(self.old) != self.size, self.size
            self._bring(self.old, self.size)
            return changed
        if self.scaled != self.size:
            self._in_proportion()
            return True
        return self._rolls()

    def _in_proportion(self) -> None:
        size, before, self.scaled = self.size, self.scaled, self.size
        if not self.old or not self.new:
            self._bring(self.old or self.new, size)
            return
        if len(self.new) == size == self._available(self.new):
            self._bring(self.old, 0)
            return
        allowed = size + _surge(size) if size else 0
        more = allowed - len(self.old) - len(self.new)
        if more > 0:
            order = sorted((self.new, self.old), key=len, reverse=True)
        else:
            order = sorted((self.old, self.new), key=len, reverse=True)
        left, sizes = more, []
        for pods in order:
            part = -len(pods)
            if size:
                part += floor(Fraction(len(pods) * allowed, before + _surge(before)) + Fraction(1, 2))
            part = min(part, left) if more > 0 else max(part, left)
            part = part if more else 0
            sizes.append(len(pods) + part)
            left -= part
        sizes[0] = max(0, sizes[0] + left)
        for pods, count in zip(order, sizes, strict=True):
            self._bring(pods, count)

    def _rolls(self) -> bool:
        size, allowed = self.size, self.size + _surge(self.size) if self.size else 0
        if len(self.new) > size:
            self._bring(self.new, size)
            return True
        there = len(self.old) + len(self.new)
        if len(self.new) < size and there < allowed:
            self._bring(self.new, min(size, len(self.new) + allowed - there))
            return True
        available = self._available(self.new)
        if not self.old:
            if len(self.new) == size == available:
                self.old, self.new, self.updating, self.ended = self.new, [], False, self.now
            return False
        most = there - size - (len(self.new) - available)
        if most <= 0:
            return False
        bad = min(most, len(self.old) - self._available(self.old))
        spare = self._available(self.old) + available - size
        gone = max(0, bad) + max(0, min(spare, len(self.old) - max(0, bad)))
        if gone:
            # Those that are not available go first.
            self.old.sort(key=lambda pod: (self.now < pod.ready + self.grace, self.now < pod.ready, pod.made))
            kept, away = self.old[: len(self.old) - gone], self.old[len(self.old) - gone :]
            self.old = kept
            self.told += [self.now for pod in away if pod.made < self.now]
        return gone > 0


@dataclass(slots=True)
class Scaler:
    """What the autoscaler makes of what a metric asks for, a sync each 15 s; the size is its own, no pods counted."""

    least: int
    most: int
    window: int
    percent: int
    period: int
    size: int
    asked: list[tuple[int, int]] = field(default_factory=list)
    moved: list[tuple[int, int]] = field(default_factory=list)

    def sync(self, now: int, asked: int) -> int:
        self.asked = [*((at, one) for at, one in self.asked if at > now - self.window), (now, asked)]
        self.moved = [(at, by) for at, by in self.moved if at > now - self.period]
        base = self.size - sum(by for _, by in self.moved)
        if asked > self.size:
            size = min(asked, self.most, max(self.size, ceil(base * (1 + self.percent / 100))))
        else:
            highest = max(one for _, one in self.asked)
            size = max(min(highest, self.size), self.least, min(self.size, int(base * (1 - self.percent / 100))))
        if size != self.size:
            self.moved.append((now, size - self.size))
        self.size = size
        return size


def counts(of: Scaler, grace: int, chance: random.Random, seconds: int) -> Iterator[int]:
    """Pods that are there, second by second, as updates begin and the metric asks for what it likes."""
    slowest = chance.choice((0, 0, 2, 10))
    pool = Deployment(of.size, grace, lambda: chance.randint(0, slowest))
    asked, again = of.size, 0
    for now in range(seconds):
        pool.now = now
        if chance.random() < 0.03:
            pool.update()
        if now % 15 == 0:
            if now >= again:
                asked = chance.choice((of.least, of.most, of.most, chance.randint(of.least, of.most)))
                again = now + 15 * chance.choice(
                    (1, 1, 2, 3, of.window // 15 + 1, of.window // 15 + 2, grace // 15 + 2)
                )
            pool.size = of.sync(now, asked)
        pool.act()
        yield pool.pods
