"""Agents are killed while a trial's load rises and others are still to come: nobody waits any more after the time that
was proved. The autoscaler's rules are written anew, as in `test_success_while_agents_come`. A fluid."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Finding
from seatrial.compiler.verify.flows.analysis import Analysis
from seatrial.compiler.verify.obligations.recovery import recoveries

from ..specs import fleet_of
from .trying import cases

_SYNC_S, _OLD_S, _WORK_S, _RISES_S, _TICK_S, _END_S = 15, 15, 0.1, 60, 0.1, 600


@dataclass(frozen=True, slots=True)
class _Fleet:
    steady: int
    peak: int
    fewest: int
    startup: int
    over: int
    busy: int
    killed: int
    at: int
    quiet: int = 100
    """Per cent of the steady level before the load rises."""

    @property
    def text(self) -> str:
        over = f" over {self.over}s" if self.over else ""
        quiet = f"load d x{self.quiet / 100:g}; " if self.quiet != 100 else ""
        return f"""fleet f {{
          demand d {{ steady {self.steady}/s; peak {self.peak}/s for 10m every 1d }}
          pool z {{
            serves d {{ timeout 1h }}
            agents {self.fewest}..300
            each {{ concurrency 1; service mean 100ms, p99 100ms; startup {self.startup}s }}
            scale on busy {self.busy}% {{ up within 1h; down over 1h; at most 100% per 15s }}
          }}
          guarantee recovery within 24h
          trial t {{
            duration {_END_S}s; {quiet}load d peak at {_RISES_S}s{over}
            kill {self.killed} agent{"s" if self.killed > 1 else ""} of z at {self.at}s
          }}
        }}"""

    def rate(self, now: float) -> float:
        before = self.steady * self.quiet / 100
        if now < _RISES_S or not self.over:
            return before if now < _RISES_S else self.peak
        return min(self.peak, before + (self.peak - before) * (now - _RISES_S) / self.over)

    def waits_for(self, sync: float) -> float:
        """Seconds from the kill on until nobody waits; 0 where somebody waited before."""
        # It leaves a tenth over the target alone.
        there = asked = max(self.fewest, math.ceil(self.rate(0) * _WORK_S / (self.busy / 100 * 1.1)))
        readings = deque([self.rate(0) * _WORK_S / there] * int(_OLD_S / _TICK_S), maxlen=int(_OLD_S / _TICK_S))
        coming: deque[tuple[float, int]] = deque()
        waiting, back = 0.0, self.at + 1 + self.startup
        for tick in range(int(_END_S / _TICK_S)):
            now = tick * _TICK_S
            if tick == int(self.at / _TICK_S):
                if waiting:
                    return 0.0
                # What they had in hand comes again.
                waiting = _WORK_S * self.rate(now) * self.killed / there
            while coming and coming[0][0] <= now:
                there += coming.popleft()[1]
            left = there - (self.killed if self.at <= now < back else 0)
            comes = self.rate(now) * _TICK_S + waiting
            done = min(comes, left / _WORK_S * _TICK_S)
            waiting = comes - done if comes - done > 1e-9 else 0.0
            if now >= back and not waiting:
                return now - self.at
            readings.append(done * _WORK_S / _TICK_S / max(1, left))
            if now >= sync:
                sync += _SYNC_S
                if readings[0] > self.busy / 100 * 1.1:
                    more = min(300, 2 * asked, math.ceil(there * readings[0] / (self.busy / 100)))
                    if more > asked:
                        coming.append((now + self.startup, more - asked))
                        asked = more
        return math.inf


def _judged(text: str) -> Finding:
    (found,) = recoveries(Analysis(fleet_of(text)))
    return found.finding()


@cases
def test_nobody_waits_after_the_time_that_was_proved(cases: int) -> None:
    known = 0

    @settings(max_examples=cases)
    # Killed as more comes than before, and just before it.
    @example(_Fleet(10, 100, 10, 2, 0, 50, 1, 70))
    @example(_Fleet(10, 100, 8, 40, 0, 40, 3, 30))
    @example(_Fleet(5, 100, 3, 40, 120, 50, 3, 90))
    @given(
        st.builds(
            _Fleet,
            steady=st.sampled_from((5, 10, 20)),
            peak=st.sampled_from((30, 60, 100)),
            fewest=st.integers(3, 14),
            startup=st.sampled_from((2, 15, 40)),
            over=st.sampled_from((0, 30, 120, 240)),
            busy=st.sampled_from((30, 40, 50, 60)),
            killed=st.integers(1, 3),
            at=st.sampled_from((30, 70, 90, 150, 200, 300)),
            quiet=st.sampled_from((100, 100, 20)),
        )
    )
    def check(fleet: _Fleet) -> None:
        nonlocal known
        bound = _judged(fleet.text).bound
        if bound is not None and fleet.at + bound < _END_S:
            known += 1
            for sync in (0.0, 5.0, 14.9):
                assert fleet.waits_for(sync) <= bound + 2 * _TICK_S, (fleet.waits_for(sync), float(bound), fleet.text)

    check()
    assert known
