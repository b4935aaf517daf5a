"""Agents that are divided by skill, or sent requests in turn, at random or to the less loaded, call others through
proxies of their own with a limit and a token bucket: hardly anybody is refused where all were proved to pass."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from ..simulated import Clock, Work, arrivals
from ..specs import findings
from .trying import cases

_REQUESTS = 20_000
_WORK, _OWN_S = Work(100, 200), 0.001


@dataclass(slots=True)
class _Agent:
    rate: int
    burst: int
    limit: int
    tokens: float = field(init=False)
    filled: float = 0.0
    under_way: int = 0
    refused: list[int] = field(default_factory=lambda: [0, 0])
    """For want of a token, and by the limit."""

    def __post_init__(self) -> None:
        self.tokens = self.burst

    def call(self, clock: Clock, lasts: float) -> None:
        self.tokens = min(self.burst, self.tokens + (clock.now - self.filled) * self.rate)
        self.filled = clock.now
        if self.tokens < 1:
            self.refused[0] += 1
            return
        self.tokens -= 1
        if self.under_way >= self.limit:
            self.refused[1] += 1
            return
        self.under_way += 1
        clock.after(lasts, self._ends)

    def _ends(self) -> None:
        self.under_way -= 1


@cases
def test_hardly_anybody_is_refused_where_all_were_proved_to_pass(cases: int) -> None:
    told = set()

    @settings(max_examples=cases)
    @given(
        st.sampled_from([[], [], [50, 50], [30, 30, 40], [20, 80]]),
        st.sampled_from(["least loaded", "round robin", "random"]),
        st.integers(2, 11),
        st.integers(10, 200),
        st.integers(80, 300),
        st.integers(10, 60),
        st.integers(110, 500),
        st.integers(0, 10**6),
    )
    @example([50, 50], "least loaded", 3, 100, 120, 80, 510, 1)
    @example([50, 50], "least loaded", 3, 100, 170, 80, 400, 1)
    def check(
        percents: list[int], route: str, agents: int, rate: int, more: int, burst: int, room: int, seed: int
    ) -> None:
        admitted, limit = max(1, rate * more // agents // 100), max(1, rate * room // agents // 1000)
        skills = f"skills {', '.join(f's{index} {percent}%' for index, percent in enumerate(percents))};"
        text = f"""fleet f {{ demand d {{ steady {rate}/s }}
          pool p {{ serves d {{ route {route} }}; agents {agents}; {skills if percents else ""}
            each {{ concurrency 10000; service mean 1ms, p99 1ms }} }}
          pool z {{ agents 50; each {{ concurrency 1000; service mean {_WORK.mean}ms, p99 {_WORK.p99}ms }} }}
          call p -> z {{ limit {limit} in flight; admit at most {admitted}/s, burst {burst} }} }}"""
        found = findings(text)
        counts = [agents * percent // 100 for percent in percents] or [agents]
        if 0 in counts:
            return
        clock, chance = Clock(), random.Random(seed)
        groups = [[_Agent(admitted, burst, limit) for _ in range(count)] for count in counts]
        turns = [0] * len(groups)

        def come() -> None:
            which = chance.choices(range(len(groups)), percents or [1])[0]
            group = groups[which]
            if route == "round robin":
                turns[which] += 1
                agent = group[turns[which] % len(group)]
            elif route == "random":
                agent = chance.choice(group)
            else:
                agent = min(chance.choice(group), chance.choice(group), key=lambda one: one.under_way)
            clock.after(_OWN_S, lambda: agent.call(clock, _WORK.draw(chance)))

        arrivals(clock, chance, lambda _: rate, rate, come)
        clock.run(_REQUESTS / rate)
        for index, id in enumerate(("admits/p->z", "limits/p->z")):
            refused = sum(agent.refused[index] for group in groups for agent in group)
            told.add((id, found[id].status))
            assert found[id].status is not Status.PROVED or refused <= 3, (id, refused, text)

    check()
    assert {(id, Status.PROVED) for id in ("admits/p->z", "limits/p->z")} <= told or cases < 100
