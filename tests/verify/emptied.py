"""A pool that may be empty, item by item: a queue, KEDA's polls, the autoscaler's syncs and agents that start.

KEDA is written here from its documentation ("Scaling Deployments", "ScaledObject specification"), once more and apart
from the checker; the autoscaler is the one that replays the real controller. Polls, syncs and scrapes are 15 s apart,
each from a moment of its own. An agent that is told to leave finishes what it has in hand and takes nothing more.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass

from seatrial.compiler.semantics.hpa import HpaSpec, HpaState, Seen, step
from seatrial.compiler.semantics.hpa_behavior import Behavior, Policy, PolicyType, ScalingRules
from seatrial.compiler.semantics.hpa_metrics import ExternalAverageValue, ExternalReading

from .simulated import Clock, Work

_PERIOD = 15.0


@dataclass(frozen=True, slots=True)
class Empty:
    """The clauses that matter; times in seconds."""

    most: int
    slots: int
    work: Work
    startup: int
    target: int
    down_over: int
    percent: int
    period: int
    bound: int

    @property
    def text(self) -> str:
        mean, p99 = self.work.mean, self.work.p99
        return f"""fleet f {{
  demand jobs {{ steady 1/day; peak 2/day for 10m }}
  pool worker {{
    serves jobs
    agents 0..{self.most}
    each {{ concurrency {self.slots}; service mean {mean}ms, p99 {p99}ms; startup {self.startup}s }}
    scale on queue {self.target} per agent {{ down over {self.down_over}s; at most {self.percent}% per {self.period}s }}
  }}
  queue work {{ feeds worker; holds at most {self.bound}; age at most 1h }}
}}
"""


@dataclass
class _Agent:
    busy: int = 0
    ready: bool = False
    leaves: bool = False


class Run:
    """From an empty pool; `burst` and `come` bring items."""

    def __init__(self, pool: Empty, chance: random.Random) -> None:
        self.pool, self.chance, self.clock = pool, chance, Clock()
        self.waiting: deque[float] = deque()
        self.agents: list[_Agent] = []
        self.replicas = 0
        self.longest = 0.0
        self.emptied = self.started = 0
        self._shown = 0
        self._active: float | None = None
        rules = Policy(PolicyType.PERCENT, pool.percent, pool.period)
        behavior = Behavior(ScalingRules((rules,), window_s=0), ScalingRules((rules,), window_s=pool.down_over))
        self._spec = HpaSpec(1, pool.most, (ExternalAverageValue("queue", pool.target * 1000),), behavior)
        self._state = HpaState()
        for what in (self._scrape, self._poll, self._sync):
            self._every(chance.uniform(0, _PERIOD), what)

    def _every(self, after: float, what: object) -> None:
        def again() -> None:
            assert callable(what)
            what()
            self._every(_PERIOD, what)

        self.clock.after(after, again)

    def come(self, count: int) -> None:
        """What finds the queue full is refused."""
        for _ in range(count):
            if len(self.waiting) < self.pool.bound:
                self.waiting.append(self.clock.now)
        self._take()

    def _scrape(self) -> None:
        self._shown = len(self.waiting)

    def _poll(self) -> None:
        now = self.clock.now
        if self._shown > 0:
            self._active = now
            if self.replicas == 0:
                self.started += 1
                self._want(1)
        elif self.replicas > 0 and (self._active is None or now > self._active + self.pool.down_over):
            self.emptied += 1
            self._want(0)

    def _sync(self) -> None:
        seen = Seen(self.replicas, len(self.agents), (ExternalReading((self._shown * 1000,)),))
        self._state, decision = step(self._spec, self._state, seen, round(self.clock.now * 1000))
        self._want(decision.desired)

    def _want(self, count: int) -> None:
        self.replicas = count
        while len(self.agents) > count:
            # Who is not ready goes first, then the youngest.
            index = next((at for at in reversed(range(len(self.agents))) if not self.agents[at].ready), -1)
            self.agents.pop(index).leaves = True
        while len(self.agents) < count:
            agent = _Agent()
            self.agents.append(agent)

            def up(agent: _Agent = agent) -> None:
                agent.ready = True
                self._take()

            self.clock.after(self.pool.startup, up)

    def _take(self) -> None:
        for agent in self.agents:
            while agent.ready and agent.busy < self.pool.slots and self.waiting:
                self.longest = max(self.longest, self.clock.now - self.waiting.popleft())
                agent.busy += 1

                def done(agent: _Agent = agent) -> None:
                    agent.busy -= 1
                    self._take()

                self.clock.after(self.pool.work.draw(self.chance), done)


def drawn(chance: random.Random) -> Empty:
    mean = chance.choice((50, 400, 3_000))
    return Empty(
        most=chance.choice((1, 2, 5, 20)),
        slots=chance.choice((1, 2, 8)),
        work=Work(mean, round(mean * chance.uniform(1.2, 5))),
        startup=chance.choice((1, 3, 20, 70)),
        target=chance.choice((1, 5, 30)),
        down_over=chance.choice((1, 15, 60, 300)),
        percent=chance.choice((10, 100, 300)),
        period=chance.choice((15, 60, 180)),
        bound=chance.choice((1, 20, 200)),
    )


def hours(pool: Empty, chance: random.Random, count: float = 3.0) -> Run:
    """Items one by one, in bursts that fill the queue, and not at all for long enough that the pool is emptied."""
    run = Run(pool, chance)
    until = count * 3600

    def bring() -> None:
        run.come(chance.choice((1, 1, 2, pool.bound // 2, pool.bound)))
        pause = chance.choice((1.0, 10.0, 40.0, pool.down_over + 20.0, pool.down_over + 90.0))
        run.clock.after(chance.expovariate(1 / pause), bring)

    run.clock.after(chance.uniform(0, 60), bring)
    run.clock.run(until)
    return run
