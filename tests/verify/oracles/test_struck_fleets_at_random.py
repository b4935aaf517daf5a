"""Fleets of up to three pools near their limits, whose requests come at random (Poisson) and take random times, run
request by request while up to three faults strike: on average no more fail than was proved.

Each agent has a queue and proxies of its own, which go by what they have sent themselves; timeouts are of the order of
the waits. A mean of few trials is not told from the bound: there more are run.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from statistics import mean, stdev

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seatrial.compiler.verify import Status

from ..simulated import Clock, Work, arrivals
from ..specs import judged
from ..struck import Agent, Breaker, Budget, Proxy, Struck

_TRIED_S = 60
_SHAPES = ((1, ()), (2, ((0, 1),)), (3, ((0, 1), (1, 2))), (3, ((0, 1), (0, 2))), (3, ((0, 2), (1, 2))))
_WORKS = (Work(20, 60), Work(50, 150), Work(100, 101), Work(100, 300), Work(100, 500))
_ROUTES = ("random", "round robin", "least loaded")
_SEVERAL = (3, 12, 40)
"""So many trials, and if more fail than was proved so many others."""

Edge = tuple[int, int]
"""Caller and callee; the caller -1 is the demand of that pool."""


def _name(caller: int, callee: int) -> str:
    return f"p{caller}" if caller >= 0 else f"d{callee}"


@dataclass(frozen=True, slots=True)
class _Policy:
    """Times in milliseconds; the budget in per cent."""

    route: str
    whole: int | None
    single: int | None
    retries: int
    budget: int
    breaker: Breaker | None

    @property
    def text(self) -> str:
        said = [f"timeout {self.whole}ms"] if self.whole is not None else []
        said += [f"try timeout {self.single}ms"] if self.single is not None else []
        if self.retries:
            said.append(f"retry {self.retries} {{ backoff 25ms x2 up to 250ms; budget {self.budget}% }}")
        if self.breaker is not None:
            one = self.breaker
            said.append(f"break after {one.errors} errors {{ eject at most {one.share:.0%} for {one.seconds:g}s }}")
        return "; ".join([*said, f"route {self.route}"])

    def proxy(self, clock: Clock, chance: random.Random, to: Struck) -> Proxy:
        limit = math.inf if self.single is None else self.single / 1000
        budget = Budget(self.budget / 100, 1, 0.025, 10)
        found = Proxy(clock, chance, to, self.route, limit, self.retries, self.breaker, budget=budget, elsewhere=True)
        found.whole, found.sent = math.inf if self.whole is None else self.whole / 1000, {}
        return found


@dataclass(frozen=True, slots=True)
class _Fault:
    kind: str
    on: int | Edge
    size: float
    """So many agents, seconds of delay, or a share of aborts."""
    at: float
    lasts: int

    @property
    def text(self) -> str:
        if not isinstance(self.on, int):
            size = f"{self.size:.0%} of " if self.kind == "abort" else ""
            delay = f" {self.size * 1000:g}ms" if self.kind == "delay" else ""
            return f"{self.kind} {size}{_name(*self.on)} -> p{self.on[1]}{delay} at {self.at:g}s for {self.lasts}s"
        agents = f"{self.size:g} agent{'' if self.size == 1 else 's'} of p{self.on} at {self.at:g}s"
        return f"{self.kind} {agents}" + (f" for {self.lasts}s" if self.kind == "hang" else "")


@dataclass(frozen=True, slots=True)
class _Fleet:
    rates: dict[int, int]
    """By pool that a demand calls."""
    works: list[Work]
    concurrency: list[int]
    startups: list[int]
    agents: list[int]
    policies: dict[Edge, _Policy]
    times: dict[Edge, float]
    """How often the calls between pools are made for a request."""
    faults: list[_Fault]
    listed: bool
    """Whether killed agents still get their part of the calls, and refuse it."""
    apart: bool
    """Whether each agent has a proxy of its own, or all share one."""

    @property
    def text(self) -> str:
        lines = [f"demand d{index} {{ steady {rate}/s }}" for index, rate in self.rates.items()]
        for index, work in enumerate(self.works):
            serves = f"serves d{index} {{ {self.policies[-1, index].text} }}; " if index in self.rates else ""
            lines.append(
                f"pool p{index} {{ {serves}agents {self.agents[index]}; each {{ concurrency {self.concurrency[index]}; "
                f"service mean {work.mean}ms, p99 {work.p99}ms; startup {self.startups[index]}s }} }}"
            )
        for (caller, callee), often in self.times.items():
            policy = self.policies[caller, callee].text
            lines.append(f"call p{caller} -> p{callee} {often:g} per request {{ {policy} }}")
        faults = "; ".join(one.text for one in self.faults)
        lines += ["guarantee success 1%", f"trial t {{ duration {_TRIED_S}s; {faults} }}"]
        return "fleet f {\n" + "\n".join(lines) + "\n}"

    def failed(self, seed: int) -> dict[int, int]:
        """Of each demand, how many of those that come in the trial."""
        clock, chance = Clock(), random.Random(seed)
        pools: list[Struck] = []
        for index, work in enumerate(self.works):
            agents = [Agent() for _ in range(self.agents[index])]
            pools.append(Struck(clock, agents, self.concurrency[index], work.mean / 1000, self.startups[index]))
            pools[-1].draws = partial(work.draw, chance)
        proxies: dict[Edge, list[Proxy]] = {}
        for edge, policy in self.policies.items():
            shared = policy.proxy(clock, chance, pools[edge[1]])
            if edge in self.times:
                pools[edge[0]].calls.append((shared, self.times[edge]))
                for agent in pools[edge[0]].agents if self.apart else ():
                    shared.of[agent] = policy.proxy(clock, chance, pools[edge[1]])
            proxies[edge] = [shared, *shared.of.values()]
        found = dict.fromkeys(self.rates, 0)
        for index, rate in self.rates.items():
            self._come(index, rate, proxies[-1, index][0], found)
        for fault in self.faults:
            self._strike(fault, pools, proxies, chance)
        clock.run(_TRIED_S + 60)
        return found

    def _come(self, index: int, rate: int, proxy: Proxy, failed: dict[int, int]) -> None:
        def done(well: bool) -> None:
            failed[index] += not well

        clock = proxy.clock
        arrivals(clock, proxy.chance, lambda now: rate if now < _TRIED_S else 0, rate, lambda: proxy.send(done))

    def _strike(
        self, fault: _Fault, pools: list[Struck], proxies: dict[Edge, list[Proxy]], chance: random.Random
    ) -> None:
        clock = pools[0].clock
        if isinstance(fault.on, int):
            pool, count = pools[fault.on], int(fault.size)
            if fault.kind == "kill":
                clock.after(fault.at, lambda: pool.kill(chance.sample(pool.agents, count), listed=self.listed))
            else:
                clock.after(fault.at, lambda: pool.hang(chance.sample(pool.agents, count), fault.lasts))
            return

        def change(by: float) -> None:
            for proxy in proxies[fault.on]:  # type: ignore[index]
                if fault.kind == "delay":
                    proxy.delay += by
                else:
                    proxy.aborts += by

        clock.after(fault.at, lambda: change(fault.size))
        clock.after(fault.at + fault.lasts, lambda: change(-fault.size))


def _drawn(seed: int) -> _Fleet:
    chance = random.Random(seed)
    count, edges = chance.choice(_SHAPES)
    callees = {callee for _, callee in edges}
    works = [chance.choice(_WORKS) for _ in range(count)]
    slots = [chance.choice((1, 1, 2, 4, 8)) for _ in range(count)]
    times: dict[Edge, float] = {edge: chance.choice((0.3, 0.5, 1, 1, 2)) for edge in edges}
    rates = {index: chance.choice((10, 20, 50)) for index in range(count) if index not in callees}
    arriving: list[float] = [rates.get(index, 0) for index in range(count)]
    for caller, callee in edges:
        arriving[callee] += arriving[caller] * times[caller, callee]
    held = [work.mean / 1000 for work in works]
    for index in reversed(range(count)):
        # Answers take longer than the work.
        held[index] += sum(1.15 * held[edge[1]] * times[edge] for edge in edges if edge[0] == index)
    agents = [
        max(2, math.ceil(arriving[index] * held[index] / chance.choice((0.4, 0.5, 0.6, 0.7, 0.8)) / slots[index]))
        for index in range(count)
    ]
    called: list[Edge] = [*((-1, index) for index in rates), *edges]
    return _Fleet(
        rates,
        works,
        slots,
        [chance.choice((1, 3, 8)) for _ in range(count)],
        agents,
        {edge: _policy(chance, held[edge[1]] * 1000) for edge in called},
        times,
        list(_faults(chance, called, agents, held)),
        chance.random() < 0.5,
        chance.random() < 0.6,
    )


def _policy(chance: random.Random, held: float) -> _Policy:
    retries = chance.choice((0, 0, 1, 1, 2, 3))
    patience = math.ceil(held * chance.choice((1.5, 2, 3, 4, 6, 10, 20)))
    whole: int | None = patience
    single: int | None = None
    if retries and chance.random() < 0.5:
        whole, single = math.ceil(patience * chance.choice((1.2, 1.5, 2, 1 + retries, 2 + 2 * retries))), patience
    elif chance.random() < 0.15:
        whole = None
    breaker = Breaker(chance.choice((2, 3, 5)), chance.choice((0.25, 0.5)), chance.choice((2, 5, 30)))
    return _Policy(
        chance.choice(_ROUTES),
        whole,
        single,
        retries,
        chance.choice((20, 50, 100)),
        breaker if chance.random() < 0.25 else None,
    )


def _plain(whole: int | None = None, retries: int = 0, breaker: Breaker | None = None) -> _Policy:
    return _Policy("random", whole, None, retries, 100, breaker)


def _faults(chance: random.Random, called: list[Edge], agents: list[int], held: list[float]) -> Iterator[_Fault]:
    at = 10.0
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        kind, lasts = chance.choice(("kill", "hang", "delay", "abort")), chance.choice((1, 2, 5, 10, 20))
        if kind in ("delay", "abort"):
            edge = chance.choice(called)
            delay = round(held[edge[1]] * chance.choice((0.2, 0.5, 1, 2)), 3)
            yield _Fault(kind, edge, delay if kind == "delay" else chance.choice((0.1, 0.3, 1)), at, lasts)
        else:
            pool = chance.randrange(len(agents))
            share = chance.choice((0.05, 0.1, 0.25, 0.4))
            yield _Fault(kind, pool, max(1, math.floor(share * agents[pool])), at, lasts)
        at += chance.choice((0, 1, 3, 10, 20))


_SMALL = _Fleet(
    {0: 20},
    [Work(100, 101), Work(240, 241), Work(20, 21)],
    [8, 8, 8],
    [1, 1, 1],
    [4, 6, 4],
    {(-1, 0): _plain(), (0, 1): _plain(), (1, 2): _plain()},
    {(0, 1): 1, (1, 2): 1},
    [_Fault("abort", (1, 2), 0.3, 20, 30)],
    True,
    True,
)
_RETRIED = replace(_SMALL, policies=_SMALL.policies | {(0, 1): _plain(500, 1)})
"""The second try has too little time of the call's own."""
_WAITED_FOR = replace(_SMALL, policies=_SMALL.policies | {(-1, 0): _plain(500), (0, 1): _plain(None, 1)})
"""Or of the users'."""
_EJECTED = _Fleet(
    {0: 40},
    [Work(100, 300)],
    [1],
    [1],
    [6],
    {(-1, 0): _plain(600, breaker=Breaker(2, 0.5, 5))},
    {},
    [_Fault("kill", 0, 1, 20, 0)],
    True,
    True,
)
"""Who is late is put aside, and the others are busier."""
_OF_ONE_LENGTH = _Fleet(
    {0: 50},
    [Work(100, 101)],
    [1],
    [1],
    [13],
    {(-1, 0): _plain(150)},
    {},
    [_Fault("abort", (-1, 0), 0.1, 20, 1)],
    True,
    True,
)
"""Waits before agents that take the same time for each request are of more even lengths than exponential ones."""


@pytest.mark.parametrize("cases", [6, pytest.param(2_000, marks=pytest.mark.slow)], ids=["few", "many"])
def test_no_more_fail_than_was_proved(cases: int) -> None:
    @settings(max_examples=cases)
    @given(st.integers(0, 2**32).map(_drawn))
    @example(_RETRIED)
    @example(_WAITED_FOR)
    @example(_EJECTED)
    @example(_OF_ONE_LENGTH)
    def check(fleet: _Fleet) -> None:
        found = judged(fleet.text)
        for index, rate in fleet.rates.items():
            one = found[f"success/d{index}"]
            if one.status is not Status.PROVED:
                continue
            assert one.bound is not None
            most, tries = rate * _TRIED_S * (1 - float(one.bound)), 0
            for several in _SEVERAL:
                failed = [fleet.failed(tries + each)[index] for each in range(several)]
                tries += several
                # A trial has chance of its own: few that fail are as though Poisson.
                error = max(stdev(failed), math.sqrt(max(most, 0.3))) / math.sqrt(several)
                if mean(failed) <= most + 4 * error:
                    break
            else:
                raise AssertionError((index, mean(failed), error, most, fleet.text))

    check()
