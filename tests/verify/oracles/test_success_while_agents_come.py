"""The load of a trial moves, and agents come later: no larger share of requests goes without an answer in time than was
proved.

The autoscaler's rules are written anew: each sync it asks for agents by how busy they were a while ago, leaves a tenth
alone, never more than doubles, and takes nobody away (`down over 1h`). Requests come at random, go to an agent at once
and wait there for a slot, whoever comes later; who is given up is worked on nevertheless.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from dataclasses import dataclass
from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Finding, Status
from seatrial.compiler.verify.flows.analysis import Analysis
from seatrial.compiler.verify.obligations.success import successes

from ..simulated import Work
from ..specs import fleet_of
from .trying import cases

_SYNC_S, _OLD_S, _LASTS_S, _TRIALS = 15, 15, 400, 3


class _Agent:
    def __init__(self, slots: int) -> None:
        self._free = [0.0] * slots
        self._ends: list[float] = []

    def under_way(self, now: float) -> int:
        while self._ends and self._ends[0] <= now:
            heapq.heappop(self._ends)
        return len(self._ends)

    def takes(self, now: float, seconds: float) -> tuple[float, float]:
        """From when to when it works on what comes now."""
        start = max(now, heapq.heappop(self._free))
        heapq.heappush(self._free, start + seconds)
        heapq.heappush(self._ends, start + seconds)
        return start, start + seconds


@dataclass(frozen=True, slots=True)
class _Fleet:
    steady: int
    peak: int
    fewest: int
    startup: int
    timeout: int
    over: int
    quiet: int
    """Per cent of the steady level before the load rises."""
    busy: int = 50
    slots: int = 1
    route: str = "least loaded"

    @property
    def text(self) -> str:
        over = f" over {self.over}s" if self.over else ""
        quiet = f"load d x{self.quiet / 100:g}; " if self.quiet != 100 else ""
        return f"""fleet f {{
          demand d {{ steady {self.steady}/s; peak {self.peak}/s for 10m every 1d }}
          pool z {{
            serves d {{ timeout {self.timeout}ms; route {self.route} }}
            agents {self.fewest}..400
            each {{ concurrency {self.slots}; service mean 100ms, p99 200ms; startup {self.startup}s }}
            scale on busy {self.busy}% {{ up within 1h; down over 1h; at most 100% per 15s }}
          }}
          guarantee success 1%
          trial t {{
            duration {_LASTS_S}s; {quiet}load d peak at 60s{over}; delay d -> z 1ms at 1s for 1s
          }}
        }}"""

    def rate(self, now: float) -> float:
        before = self.steady * self.quiet / 100
        if now < 60:
            return before
        return min(self.peak, before + (self.peak - before) * (now - 60) / self.over) if self.over else self.peak

    def in_time(self, chance: random.Random) -> float:
        """The share of one trial's requests that are answered before the timeout."""
        # It leaves a tenth over the target alone.
        there = max(self.fewest, math.ceil(self.rate(0) * 0.1 / self.slots / (self.busy / 100 * 1.1)))
        agents = [_Agent(self.slots) for _ in range(there)]
        turn: list[_Agent] = []
        coming: deque[tuple[float, int]] = deque()
        work, now, came, well = Work(100, 200), 0.0, 0, 0
        asked, at_work = there, [0.0] * (_LASTS_S + 2)
        sync = chance.uniform(0, _SYNC_S)
        sizes = [there] * (_LASTS_S + 2)
        while True:
            now += chance.expovariate(self.peak)
            while sync <= min(now, _LASTS_S):
                seen = max(0, int(sync) - _OLD_S)
                share = min(1.0, at_work[seen] / (sizes[seen] * self.slots))
                if share > self.busy / 100 * 1.1:
                    more = min(400, 2 * asked, math.ceil(sizes[seen] * share / (self.busy / 100)))
                    if more > asked:
                        coming.append((sync + self.startup, more - asked))
                        asked = more
                sync += _SYNC_S
            while coming and coming[0][0] <= now:
                since, more = coming.popleft()
                there += more
                agents += [_Agent(self.slots) for _ in range(more)]
                for second in range(int(since), len(sizes)):
                    sizes[second] = there
            if now >= _LASTS_S:
                return well / came
            if chance.random() * self.peak > self.rate(now):
                continue
            came += 1
            if self.route == "round robin":
                turn = turn or chance.sample(agents, there)
                agent = turn.pop()
            else:
                agent = min(chance.choice(agents), chance.choice(agents), key=lambda one: one.under_way(now))
            start, end = agent.takes(now, work.draw(chance))
            for second in range(int(start), min(int(end), _LASTS_S) + 1):
                at_work[second] += min(end, second + 1) - max(start, second)
            well += end - now <= self.timeout / 1000


def _judged(text: str) -> Finding:
    (found,) = successes(Analysis(fleet_of(text)))
    return found.finding()


@cases
def test_no_more_are_late_while_agents_come_than_was_proved(cases: int) -> None:
    proved = 0

    @settings(max_examples=cases)
    @given(
        fleet=st.builds(
            _Fleet,
            steady=st.sampled_from([5, 10, 20]),
            peak=st.sampled_from([20, 40, 60]),
            fewest=st.integers(1, 12),
            startup=st.sampled_from([2, 15, 40]),
            timeout=st.sampled_from([400, 1000, 5000, 20000, 60000]),
            over=st.sampled_from([0, 0, 20, 120, 240]),
            quiet=st.sampled_from([100, 100, 20]),
            busy=st.sampled_from([40, 60]),
            slots=st.sampled_from([1, 4]),
            route=st.sampled_from(["least loaded", "round robin"]),
        ),
        seed=st.integers(0, 2**32),
    )
    # Of ten requests more than nine wait for minutes, where the fault alone makes nobody late.
    @example(fleet=_Fleet(10, 60, 2, 40, 1000, 0, 100), seed=1)
    @example(fleet=_Fleet(20, 40, 1, 2, 1000, 240, 20), seed=2)
    def held(fleet: _Fleet, seed: int) -> None:
        nonlocal proved
        found = _judged(fleet.text)
        if found.bound is None:
            return
        proved += found.status is Status.PROVED
        chance = random.Random(seed)
        shares = sum(fleet.in_time(chance) for _ in range(_TRIALS)) / _TRIALS
        requests = _TRIALS * (fleet.steady * 60 + fleet.peak * 300)
        assert 1 - shares <= 1.5 * (1 - found.bound) + Fraction(8, requests), (shares, float(found.bound), fleet.text)

    held()
    assert proved
