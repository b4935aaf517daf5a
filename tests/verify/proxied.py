"""A fleet's pools and the proxies that its calls go through -> what becomes of each request, event after event.

Shares nothing with the checker. As in `simulated` requests take times at random and wait in one queue a pool; besides,
each calling agent has a proxy of its own, which gives up, tries again, refuses what is above its limit or finds no
token. Who is given up leaves the queue; what is being worked on is worked off in vain. Times are seconds.
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from .simulated import Answer, Clock, Then, Work

Answered = Callable[[bool], None]


@dataclass(frozen=True, slots=True)
class Policy:
    """Of a call; times in milliseconds, as a spec writes them. `admit`: a rate and a burst."""

    timeout: int | None = None
    single: int | None = None
    retries: int = 0
    limit: int | None = None
    admit: tuple[int, int] | None = None

    @property
    def text(self) -> str:
        said = [f"timeout {self.timeout}ms"] if self.timeout is not None else []
        said += [f"try timeout {self.single}ms"] if self.single is not None else []
        said += [f"retry {self.retries} {{ backoff 25ms up to 250ms }}"] if self.retries else []
        said += [f"limit {self.limit} in flight"] if self.limit is not None else []
        said += [f"admit at most {self.admit[0]}/s, burst {self.admit[1]}"] if self.admit is not None else []
        return f"{{ {'; '.join(said)} }}" if said else ""


@dataclass(eq=False, slots=True)
class Try:
    done: Answered
    open: bool = True

    def end(self, well: bool) -> None:
        if self.open:
            self.open = False
            self.done(well)


@dataclass(eq=False, slots=True)
class Proxy:
    """Of one agent and one of its calls."""

    policy: Policy
    tokens: float = 0.0
    filled: float = 0.0
    under_way: int = 0

    def __post_init__(self) -> None:
        if self.policy.admit is not None:
            self.tokens = float(self.policy.admit[1])

    def admits(self, now: float) -> bool:
        if self.policy.admit is None:
            return True
        rate, burst = self.policy.admit
        self.tokens, self.filled = min(burst, self.tokens + (now - self.filled) * rate), now
        if self.tokens < 1 - 1e-9:
            return False
        self.tokens -= 1
        return True


@dataclass(eq=False, slots=True)
class Caller:
    """An agent, or the gateway of a demand."""

    busy: int = 0
    proxies: dict[Edge, Proxy] = field(default_factory=dict)

    def proxy(self, edge: Edge) -> Proxy:
        return self.proxies.setdefault(edge, Proxy(edge.policy))


@dataclass(eq=False)
class Edge:
    """A call: so many a request, through the proxies of its callers."""

    clock: Clock
    chance: random.Random
    times: float
    to: Crew | Answer
    policy: Policy
    asked: int = 0
    refused: int = 0
    """By a limit or for want of a token."""

    def send(self, caller: Caller, done: Answered) -> None:
        proxy = caller.proxy(self)
        self.asked += 1
        if not proxy.admits(self.clock.now):
            self.refused += 1
            self.clock.after(0, lambda: done(False))
            return
        _Sent(self, proxy, done).go()


@dataclass(eq=False)
class _Sent:
    edge: Edge
    proxy: Proxy
    done: Answered
    over: bool = False
    tries: int = 0
    now: Try | None = None

    def go(self) -> None:
        self._try()
        if self.edge.policy.timeout is not None:
            self.edge.clock.after(self.edge.policy.timeout / 1000, lambda: self._finish(False))

    def _try(self) -> None:
        if self.over:
            return
        edge, proxy = self.edge, self.proxy
        if edge.policy.limit is not None and proxy.under_way >= edge.policy.limit:
            edge.refused += 1
            self._finish(False)
            return
        self.tries += 1
        proxy.under_way += 1
        one = self.now = Try(self._answered)
        if isinstance(edge.to, Answer):
            edge.clock.after(edge.to.draw(edge.chance), lambda: one.end(True))
        else:
            edge.to.arrive(one)
        if edge.policy.single is not None:
            edge.clock.after(edge.policy.single / 1000, lambda: one.end(False))

    def _answered(self, well: bool) -> None:
        self.proxy.under_way -= 1
        self.now = None
        if well or self.over or self.tries > self.edge.policy.retries:
            self._finish(well)
            return
        pause = min(0.25, 0.025 * 2 ** (self.tries - 1)) * self.edge.chance.random()
        self.edge.clock.after(pause, self._try)

    def _finish(self, well: bool) -> None:
        if self.over:
            return
        self.over = True
        if self.now is not None:
            # It is given up.
            self.now.open = False
            self.proxy.under_way -= 1
        self.done(well)


@dataclass(eq=False)
class Crew:
    """A pool: agents with slots, one queue before them all."""

    clock: Clock
    chance: random.Random
    agents: list[Caller]
    slots: int
    work: Work
    calls: list[Edge] = field(default_factory=list)
    queue: deque[Try] = field(default_factory=deque)

    def arrive(self, one: Try) -> None:
        self.queue.append(one)
        self._admit()

    def _admit(self) -> None:
        while self.queue:
            if not self.queue[0].open:
                self.queue.popleft()
                continue
            least = min(one.busy for one in self.agents)
            if least >= self.slots:
                return
            agent = self.chance.choice([one for one in self.agents if one.busy == least])
            agent.busy += 1
            self.clock.after(self.work.draw(self.chance), self._worked(agent, self.queue.popleft()))

    def _worked(self, agent: Caller, one: Try) -> Then:
        return lambda: self._call(agent, one, self._drawn())

    def _drawn(self) -> list[Edge]:
        made: list[Edge] = []
        for edge in self.calls:
            whole = math.floor(edge.times)
            made += [edge] * (whole + (self.chance.random() < edge.times - whole))
        return made

    def _call(self, agent: Caller, one: Try, left: list[Edge]) -> None:
        if left:
            left[0].send(
                agent, lambda well: self._call(agent, one, left[1:]) if well else self._leave(agent, one, False)
            )
            return
        self._leave(agent, one, True)

    def _leave(self, agent: Caller, one: Try, well: bool) -> None:
        agent.busy -= 1
        one.end(well)
        self._admit()
