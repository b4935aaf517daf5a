"""Pools that grow under the controller's rules, sync by sync: what they then work off never asks a dependency for more
than was proved."""

from __future__ import annotations

import random
from dataclasses import dataclass

from seatrial.compiler.semantics.pool_loop import PoolLoop, course
from seatrial.compiler.verify import Finding, Status

from ..specs import findings
from .trying import drawn

_SYNC_S = 15


@dataclass(frozen=True, slots=True)
class _Pool:
    steady: int
    peak: int
    slots: int
    service_ms: int
    target: int
    """Per cent of the slots."""
    least: int
    most: int
    startup: int
    percent: int
    limit: int
    calls: int
    admits: int | None

    @property
    def text(self) -> str:
        policy = "" if self.admits is None else f"{{ admit at most {self.admits}/s }}"
        ms = self.service_ms
        return f"""fleet f {{
  demand d {{ steady {self.steady}/s; peak {self.peak}/s for 10m every 1d }}
  dependency x {{ limit {self.limit} requests/s; latency p50 1ms, p99 1ms }}
  pool p {{
    serves d
    agents {self.least}..{self.most}
    each {{ concurrency {self.slots}; service mean {ms}ms, p99 {ms}ms; startup {self.startup}s }}
    scale on busy {self.target}% {{ at most {self.percent}% per 15s }}
  }}
  call p -> x {self.calls} per request {policy}
}}"""

    @property
    def loop(self) -> PoolLoop:
        held = self.service_ms + self.calls
        return PoolLoop(
            signal="busy",
            target_milli=self.target * 10,
            minimum=self.least,
            maximum=self.most,
            percent=self.percent,
            period_s=15,
            down_window_s=300,
            concurrency=self.slots,
            answers_milli=self.slots * 1_000_000 // held,
            startup_ms=self.startup * 1000,
        )

    def asked(self) -> float:
        """The most requests a second, over the time between two syncs, that reach the dependency after a rise at once,
        from the fewest agents that the controller leaves alone."""
        loop = self.loop
        start = next(
            (
                count
                for count in range(self.least, self.most)
                if self.steady * 1000 <= count * loop.answers_milli * self.target * 1.1 / 100
            ),
            self.most,
        )
        lines = [(self.steady * 1000,) * 2] * 2 + [(self.peak * 1000,) * 2] * 60
        found, queued, most = course(loop, lines, start), 0, 0.0
        for (rate, _), moment in zip(lines, found, strict=True):
            worked = rate / 1000 + (queued - moment.queued) / 10**6 / _SYNC_S
            each = worked * self.calls
            if self.admits is not None:
                each = min(each, moment.ready * self.admits)
            most, queued = max(most, each), moment.queued
        return most


def _drawn(chance: random.Random) -> _Pool:
    steady, slots, service = chance.choice((10, 40, 100)), chance.choice((1, 4, 8)), chance.choice((50, 200, 400))
    peak, target, calls = round(steady * chance.choice((1.2, 2, 4))), chance.choice((40, 60, 80)), chance.choice((1, 3))
    need = peak * service // (10 * slots * target) + 2
    return _Pool(
        steady,
        peak,
        slots,
        service,
        target,
        chance.choice((1, need // 2 + 1, need)),
        need + chance.choice((1, 5, 20)),
        chance.choice((5, 30, 60)),
        chance.choice((50, 100)),
        round(peak * calls * chance.choice((1.05, 1.5, 3, 8))),
        calls,
        round(peak * calls / need * chance.choice((1.5, 3))) + 1 if chance.random() < 0.3 else None,
    )


@drawn(40)
def test_no_dependency_is_asked_for_more_than_was_proved(cases: int) -> None:
    proved = more = 0
    for seed in range(cases):
        pool = _drawn(random.Random(seed))
        found: Finding = findings(pool.text)["rate/x"]
        asked = pool.asked()
        more += asked > pool.peak * pool.calls * 1.001
        if found.status is Status.PROVED:
            proved += 1
            assert asked <= pool.limit * 1.001, (asked, pool.text)
    assert proved > cases // 4 and more > cases // 8
