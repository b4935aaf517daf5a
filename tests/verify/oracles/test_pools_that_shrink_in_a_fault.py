"""Calls are aborted for a while, and the autoscaler of their callee takes agents away: nobody waits any more after the
time that was proved.

The autoscaler's rules are written anew: each sync it asks for agents by how busy they were, leaves a tenth
alone, takes away no more than any sync of its window allows, and at most doubles; who starts comes later. A fluid.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from ..specs import findings
from .trying import cases

_SYNC_S, _OLD_S, _WORK_S, _STRUCK_S = 15, 15, 0.1, 900


@dataclass(frozen=True, slots=True)
class _Fleet:
    rate: int
    fewest: int
    busy: int
    window: int
    startup: int
    percent: int
    lasts: int

    @property
    def text(self) -> str:
        return f"""fleet f {{
          demand d {{ steady {self.rate}/s }}
          pool x {{ serves d; agents 99; each {{ concurrency 64; service mean 10ms, p99 10ms }} }}
          pool z {{
            agents {self.fewest}..200
            each {{ concurrency 1; service mean 100ms, p99 100ms; startup {self.startup}s }}
            scale on busy {self.busy}% {{ up within 1h; down over {self.window}s; at most 100% per 15s }}
          }}
          call x -> z
          guarantee recovery within 24h
          trial t {{ duration 7200s; abort {self.percent}% of x -> z at {_STRUCK_S}s for {self.lasts}s }}
        }}"""

    def waits_until(self, end: int) -> int:
        """The last second at which somebody waits, from the abort on."""
        there = math.ceil(self.rate * _WORK_S / (self.busy / 100))
        waiting, last = 0.0, 0
        starting: deque[int] = deque()
        readings: deque[float] = deque([self.busy / 100] * _OLD_S, maxlen=_OLD_S)
        asked: deque[tuple[int, int]] = deque()
        for now in range(end):
            while starting and starting[0] <= now:
                starting.popleft()
                there += 1
            aborted = _STRUCK_S <= now < _STRUCK_S + self.lasts
            comes = self.rate * (1 - self.percent / 100 if aborted else 1)
            does = min(waiting + comes, there / _WORK_S)
            waiting += comes - does
            if waiting > 0.01:
                last = now
            readings.append(does * _WORK_S / there)
            if now % _SYNC_S == 0:
                there = self._synced(now, there, readings[0], starting, asked)
        return last - _STRUCK_S

    def _synced(self, now: int, there: int, reading: float, starting: deque[int], asked: deque[tuple[int, int]]) -> int:
        size, ratio = there + len(starting), reading / (self.busy / 100)
        want = size if abs(ratio - 1) <= 0.1 else math.ceil(there * ratio)
        asked.append((now, want))
        while asked[0][0] <= now - self.window:
            asked.popleft()
        want = max(self.fewest, min(200, max(want, max(one for _, one in asked)) if want < size else want))
        if want > size:
            starting.extend([now + self.startup] * (min(want, 2 * size) - size))
        elif want < there:
            return want
        return there


_AWAY = _Fleet(rate=100, fewest=2, busy=50, window=60, startup=60, percent=100, lasts=1200)
"""After a minute without calls two are left of twenty, and a minute and more goes by until others have started."""


@cases
def test_nobody_waits_any_more_when_an_abort_is_recovered_from(cases: int) -> None:
    @settings(max_examples=cases)
    @example(_AWAY)
    @given(
        st.builds(
            _Fleet,
            rate=st.sampled_from((20, 100, 300)),
            fewest=st.integers(1, 60),
            busy=st.sampled_from((30, 50, 70)),
            window=st.sampled_from((30, 60, 120, 300)),
            startup=st.sampled_from((1, 30, 120)),
            percent=st.sampled_from((10, 30, 50, 100)),
            lasts=st.sampled_from((10, 30, 60, 100, 240, 300, 900)),
        )
    )
    def check(fleet: _Fleet) -> None:
        bound = findings(fleet.text)["recovery"].bound
        if bound is not None:
            # A second is a step, and half of one may be lost between two.
            assert fleet.waits_until(_STRUCK_S + fleet.lasts + 1800) <= bound + 2, (float(bound), fleet.text)

    check()


def test_agents_that_are_taken_away_are_told_of() -> None:
    said = findings(_AWAY.text)["recovery"]
    assert said.status is Status.UNKNOWN and "the autoscaler of z may take agents away" in said.reason
    for change in (("agents 2..", "agents 20.."), ("down over 60s", "down over 1h"), ("for 1200s", "for 10s")):
        assert findings(_AWAY.text.replace(*change))["recovery"].status is Status.PROVED, change
    assert _AWAY.waits_until(5000) > 1230
