"""Calls that shed while a fault lasts, run request by request: no more fail than was proved.

Each proxy counts for itself what it let through in its window and rejects by Envoy's formula.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from ..specs import findings
from .trying import cases

_RUNS = 40
_DURATION_S = 60.0
_MOST_REJECTED = 0.8


@dataclass
class _Proxy:
    """One calling proxy that sheds below `threshold` (0: never) over `window` seconds."""

    chance: random.Random
    threshold: float
    window: float
    seen: deque[tuple[float, bool]] = field(default_factory=deque)
    good: int = 0

    def rejects(self, now: float) -> bool:
        if not self.threshold:
            return False
        while self.seen and self.seen[0][0] <= now - self.window:
            self.good -= self.seen.popleft()[1]
        count = len(self.seen)
        odds = (count - self.good / self.threshold) / (count + 1)
        return self.chance.random() < min(_MOST_REJECTED, odds)

    def note(self, now: float, good: bool) -> None:
        self.seen.append((now, good))
        self.good += good


@dataclass(frozen=True, slots=True)
class _Fleet:
    """A demand, the pool it comes to and one behind it; both calls may shed. Shares in per cent."""

    rate: int
    agents: int
    retries: int
    thresholds: tuple[int, int]
    windows: tuple[int, int]
    aborted: tuple[int, int]
    faults: tuple[tuple[int, int], ...]
    """Of each the start and the length in seconds."""

    def text(self) -> str:
        shed = [
            f"; shed below {below}% success over {over}s" if below else ""
            for below, over in zip(self.thresholds, self.windows, strict=True)
        ]
        retry = f"; retry {self.retries}" if self.retries else ""
        ways = ("d -> a", "a -> b")
        faults = "; ".join(
            f"abort {part}% of {way} at {start}s for {length}s"
            for way, part in zip(ways, self.aborted, strict=True)
            for start, length in self.faults
            if part
        )
        each = "each { concurrency 8; service mean 1ms, p99 2ms }"
        return f"""fleet f {{
  demand d {{ steady {self.rate}/s }}
  pool a {{ serves d {{ timeout 5s{retry}{shed[0]} }}; agents {self.agents}; {each} }}
  pool b {{ agents 4; {each} }}
  call a -> b {{ timeout 1s{shed[1]} }}
  guarantee success 0.1%
  trial t {{ duration {_DURATION_S:g}s; {faults} }}
}}"""

    def failing(self, chance: random.Random) -> int:
        """Requests of one run that fail."""
        gateway = _Proxy(chance, self.thresholds[0] / 100, self.windows[0])
        inner = [_Proxy(chance, self.thresholds[1] / 100, self.windows[1]) for _ in range(self.agents)]
        found, now = 0, chance.expovariate(self.rate)
        while now < _DURATION_S:
            if gateway.rejects(now):
                found += 1
            else:
                good = self._answered(now, inner, chance)
                gateway.note(now, good)
                found += not good
            now += chance.expovariate(self.rate)
        return found

    def _answered(self, now: float, inner: list[_Proxy], chance: random.Random) -> bool:
        struck = sum(start <= now < start + length for start, length in self.faults)
        if any(chance.random() < self.aborted[0] / 100 for _ in range(struck)):
            return False
        for _ in range(1 + self.retries):
            proxy = chance.choice(inner)
            if proxy.rejects(now):
                continue
            good = not any(chance.random() < self.aborted[1] / 100 for _ in range(struck))
            proxy.note(now, good)
            if good:
                return True
        return False


_BELOW = st.sampled_from((0, 0, 50, 80, 95, 99))
_OVER = st.sampled_from((2, 5, 10))
_PART = st.sampled_from((0, 5, 20, 50, 90))


@st.composite
def _fleets(draw: st.DrawFn) -> _Fleet:
    return _Fleet(
        rate=draw(st.sampled_from((5, 40))),
        agents=draw(st.sampled_from((1, 4, 12))),
        retries=draw(st.sampled_from((0, 1, 3))),
        thresholds=(draw(_BELOW), draw(_BELOW)),
        windows=(draw(_OVER), draw(_OVER)),
        aborted=draw(st.tuples(_PART, _PART).filter(any)),
        faults=tuple(_apart(draw(st.lists(st.tuples(st.integers(3, 15), st.integers(1, 8)), min_size=1, max_size=2)))),
    )


def _apart(drawn: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The pause before each, and its length, as times."""
    at = 0
    for pause, length in drawn:
        yield at + pause, length
        at += pause + length


@cases
def test_no_more_fail_than_was_proved_of_calls_that_shed(cases: int) -> None:
    @settings(max_examples=cases)
    @given(_fleets(), st.integers(0, 2**32))
    def check(fleet: _Fleet, seed: int) -> None:
        finding = findings(fleet.text())["success/d"]
        if finding.bound is None:
            return
        chance = random.Random(seed)
        shares = [fleet.failing(chance) / (fleet.rate * _DURATION_S) for _ in range(_RUNS)]
        mean = sum(shares) / _RUNS
        spread = (sum((one - mean) ** 2 for one in shares) / (_RUNS - 1)) ** 0.5
        assert mean <= 1 - float(finding.bound) + 4 * spread / _RUNS**0.5 + 1e-3, (fleet, mean)

    check()


def test_what_sheds_fails_more_than_the_fault_itself() -> None:
    """A third of the trial half of the calls are aborted: 17 % by themselves, 26 % with what is shed for them."""
    fleet = _Fleet(40, 4, 0, (0, 95), (10, 10), (0, 50), ((10, 20),))
    chance = random.Random(1)
    share = sum(fleet.failing(chance) for _ in range(_RUNS)) / (_RUNS * fleet.rate * _DURATION_S)
    bound = findings(fleet.text())["success/d"].bound
    assert bound is not None
    assert 0.24 < share <= 1 - float(bound)
