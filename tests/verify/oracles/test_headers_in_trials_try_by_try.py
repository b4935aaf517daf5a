"""Agents that are killed behind a route by header, try by try: no more requests fail than was said, whoever wants whom.

Shares nothing with the checker: a proxy sends a header's tries to the agents in an order of its own, which may begin
with those that are to be killed, and leaves out whom it has put aside.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ..simulated import Clock, arrivals
from ..specs import judged
from .trying import cases

LASTS, AT, TAKES = 40, 8, 0.02
"""Seconds: of the trial, until the kill, and of a request."""


@dataclass
class Proxy:
    clock: Clock
    chance: random.Random
    agents: int
    killed: int
    back: float
    retries: int
    errors: int
    most_aside: int
    orders: list[list[int]] = field(default_factory=list)
    often: list[float] = field(default_factory=list)
    seen: dict[int, int] = field(default_factory=dict)
    aside: dict[int, float] = field(default_factory=dict)
    came: int = 0
    failed: int = 0

    def header(self) -> None:
        """One more value: sometimes the killed come first."""
        order = self.chance.sample(range(self.agents), self.agents)
        if self.chance.random() < 0.7:
            order.sort(key=lambda agent: agent >= self.killed)
        self.orders.append(order)
        self.often.append(self.chance.random() ** self.chance.choice((0, 4, 20)))

    def come(self) -> None:
        self.came += 1
        self._try(self.chance.choices(self.orders, self.often)[0], 0)

    def _try(self, order: list[int], tried: int) -> None:
        there = [one for one in order if self.aside.get(one, 0.0) <= self.clock.now]
        agent = there[min(tried, len(there) - 1)]
        if agent < self.killed and AT <= self.clock.now < AT + self.back:
            self._fails(order, agent, tried)
            return
        ends = self.clock.now + TAKES
        lost = agent < self.killed and self.clock.now < AT <= ends
        self.clock.after(TAKES, (lambda: self._fails(order, agent, tried)) if lost else (lambda: self._well(agent)))

    def _well(self, agent: int) -> None:
        self.seen[agent] = 0

    def _fails(self, order: list[int], agent: int, tried: int) -> None:
        self.seen[agent] = self.seen.get(agent, 0) + 1
        now = sum(end > self.clock.now for end in self.aside.values())
        if self.seen[agent] >= self.errors and now < self.most_aside:
            self.aside[agent], self.seen[agent] = self.clock.now + 10, 0
        if tried >= self.retries:
            self.failed += 1
        else:
            self.clock.after(self.chance.uniform(0, 0.025 * 2**tried), lambda: self._try(order, tried + 1))


@cases
def test_no_more_fail_than_was_said(cases: int) -> None:
    @settings(max_examples=cases)
    @given(
        st.integers(2, 9), st.integers(1, 3), st.integers(0, 3), st.integers(1, 40), st.integers(1, 6),
        st.integers(10, 60), st.integers(0, 10**6),
    )  # fmt: skip
    @example(6, 1, 2, 2, 1, 40, 1)
    @example(6, 2, 0, 30, 3, 40, 1)
    def check(agents: int, killed: int, retries: int, errors: int, values: int, rate: int, seed: int) -> None:
        killed = min(killed, agents)
        text = f"""fleet f {{ demand d {{ steady {rate}/s }}
          pool p {{
            serves d {{
              route by header "x"; timeout 20s; retry {retries} {{ backoff 25ms up to 250ms; budget 100% }}
              break after {errors} errors {{ eject at most 50% for 10s }}
            }}
            agents {agents}; each {{ concurrency 64; service mean 20ms, p99 20ms; startup 2s }} }}
          guarantee success 1%
          trial t {{ duration {LASTS}s; kill {killed} agents of p at {AT}s }} }}"""
        bound = judged(text)["success/d"].bound
        if bound is None:
            return
        clock, chance = Clock(), random.Random(seed)
        proxy = Proxy(clock, chance, agents, killed, 2.0, retries, errors, max(1, agents // 2))
        for _ in range(values):
            proxy.header()
        arrivals(clock, chance, lambda _: rate, rate, proxy.come)
        clock.run(LASTS)
        # So many come at random in the time that is counted: three deviations more.
        most = float(1 - bound) * rate * LASTS
        assert proxy.failed <= most + 3 * most**0.5 + 3, (proxy.failed, most, text)

    check()
