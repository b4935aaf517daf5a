"""A fleet's pools, calls and faults -> what each request goes through at each agent, event after event.

Shares nothing with the checker. Each agent has slots and a queue of its own; a caller's proxy picks one, waits as long
as its call says, tries again and puts aside whom it saw fail. Requests come evenly and take constant times, for the
model of a recovery is one of means; a pool may draw them too. Who is given up leaves the queue; what is being worked on
is worked off in vain. Times are seconds.
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from .simulated import Clock

Answered = Callable[[bool], None]
NOTICED_S = 1.0
"""A killed agent is started again after a second at the latest."""
_REDRAWS, _BACKOFF_S = 5, 0.05
SWEEP_S = 10.0
"""So far apart are the sweeps at which a proxy takes agents back, unless a `break` says otherwise."""


@dataclass(eq=False, slots=True)
class Try:
    """One request at one agent: `open` until its caller has an answer or gives up."""

    done: Answered
    came: float
    open: bool = True

    def end(self, well: bool) -> None:
        if self.open:
            self.open = False
            self.done(well)


@dataclass(eq=False, slots=True)
class Agent:
    busy: int = 0
    life: int = 0
    """How often it was killed: what it had in hand before does not go on."""
    dead: bool = False
    hung: bool = False
    listed: bool = True
    """Whether callers are sent to it."""
    queue: deque[Try] = field(default_factory=deque)
    frozen: list[Callable[[], None]] = field(default_factory=list)
    tries: set[Try] = field(default_factory=set)

    @property
    def load(self) -> int:
        return self.busy + len(self.queue)


@dataclass(eq=False)
class Struck:
    """A pool."""

    clock: Clock
    agents: list[Agent]
    slots: int
    work: float
    startup: float
    calls: list[tuple[Proxy, float]] = field(default_factory=list)
    """With how often each is made for a request."""
    waits: list[tuple[float, float]] = field(default_factory=list)
    """(when it got a slot, how long it had waited), of those who waited."""
    proxies: list[Proxy] = field(default_factory=list)
    """Those that send to it."""
    draws: Callable[[], float] | None = None
    """How long one request takes, where that is not always `work`."""

    def take(self, agent: Agent, done: Answered) -> Try:
        one = Try(done, self.clock.now)
        if agent.dead:
            self.clock.after(0, lambda: one.end(False))
            return one
        agent.tries.add(one)
        agent.queue.append(one)
        self.admit(agent)
        return one

    def admit(self, agent: Agent) -> None:
        while agent.queue and agent.busy < self.slots and not agent.dead and not agent.hung:
            one = agent.queue.popleft()
            if not one.open:
                agent.tries.discard(one)
                continue
            if self.clock.now > one.came + 1e-9:
                self.waits.append((self.clock.now, self.clock.now - one.came))
            agent.busy += 1
            life = agent.life
            seconds = self.work if self.draws is None else self.draws()
            self._later(agent, life, seconds, partial(self._call, agent, life, one, self._drawn(agent)))

    def _drawn(self, agent: Agent) -> list[Proxy]:
        """The calls that one request makes: 2.5 of them are two, and for half of the requests a third."""
        made: list[Proxy] = []
        for shared, times in self.calls:
            proxy = shared.of.get(agent, shared)
            whole = math.floor(times)
            made += [proxy] * (whole + (times > whole and proxy.chance.random() < times - whole))
        return made

    def _later(self, agent: Agent, life: int, seconds: float, then: Callable[[], None]) -> None:
        def go() -> None:
            if agent.life != life:
                return
            if agent.hung:
                agent.frozen.append(go)
            else:
                then()

        self.clock.after(seconds, go)

    def _call(self, agent: Agent, life: int, one: Try, left: list[Proxy]) -> None:
        if left:
            proxy, rest = left[0], left[1:]

            def answered(well: bool) -> None:
                then = partial(self._call, agent, life, one, rest) if well else partial(self._leave, agent, one, False)
                self._later(agent, life, 0, then)

            proxy.send(answered)
            return
        self._leave(agent, one, True)

    def _leave(self, agent: Agent, one: Try, well: bool) -> None:
        agent.busy -= 1
        agent.tries.discard(one)
        one.end(well)
        self.admit(agent)

    def waiting(self) -> list[tuple[float, float]]:
        """As `waits`, of those that wait now."""
        now = self.clock.now
        return [(now, now - one.came) for agent in self.agents for one in agent.queue if one.open]

    def kill(self, struck: list[Agent], *, listed: bool) -> None:
        """`listed`: whether they are sent calls until they are back, and refuse them."""
        for agent in struck:
            agent.life += 1
            agent.listed = listed
            agent.dead, agent.hung, agent.busy = True, False, 0
            lost, agent.tries = list(agent.tries), set()
            agent.queue.clear()
            agent.frozen.clear()
            for one in lost:
                one.end(False)
            self.clock.after(NOTICED_S + self.startup, partial(self._start, agent, agent.life))

    def _start(self, agent: Agent, life: int) -> None:
        if agent.life == life:
            agent.dead, agent.listed = False, True
            for proxy in self.proxies:
                # It is a new host.
                proxy.back(agent)

    def hang(self, struck: list[Agent], lasts: float) -> None:
        for agent in struck:
            if agent.dead:
                continue
            agent.hung = True
            self.clock.after(lasts, partial(self._wake, agent, agent.life))

    def _wake(self, agent: Agent, life: int) -> None:
        if agent.life != life:
            return
        agent.hung = False
        frozen, agent.frozen = agent.frozen, []
        for go in frozen:
            go()
        self.admit(agent)


@dataclass(frozen=True, slots=True)
class Breaker:
    errors: int
    share: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Budget:
    """Of retries. One is made while those under way, in their back-off or tried again, are fewer than three, or than
    this share of all that are under way, in the caller's own one of so many proxies (Envoy's rule); it waits for a
    random part of the back-off before, which doubles until it has grown so many times."""

    share: float
    proxies: int
    backoff: float
    grows: float = 1.0


@dataclass(slots=True)
class Hand:
    """What one proxy has under way."""

    active: int = 0
    again: int = 0


@dataclass(eq=False)
class Proxy:
    """What sends the calls of one caller to one pool."""

    clock: Clock
    chance: random.Random
    to: Struck
    route: str = "round robin"
    timeout: float = math.inf
    retries: int = 0
    breaker: Breaker | None = None
    delay: float = 0.0
    aborts: float = 0.0
    """The share of requests that it answers itself, with a failure that its own retries do not see."""
    budget: Budget | None = None
    elsewhere: bool = False
    """Draws as Envoy does: of two at random the one with less under way, a retry up to five times again while it meets
    one that was tried, after a random part of its back-off."""
    whole: float = math.inf
    """How long all tries of a call may take together."""
    of: dict[Agent, Proxy] = field(default_factory=dict)
    """Those of its callers, where each has one of its own, which knows what it has sent itself and nothing else."""
    sent: dict[Agent, int] | None = None
    """What it has under way at each, where it goes by that."""
    turn: list[Agent] = field(default_factory=list)
    """Who comes in this round yet."""
    errors: dict[Agent, int] = field(default_factory=dict)
    aside: set[Agent] = field(default_factory=set)
    hands: list[Hand] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.to.proxies.append(self)
        self.hands = [Hand() for _ in range(self.budget.proxies if self.budget is not None else 1)]

    def send(self, done: Answered) -> None:
        if self.aborts and self.chance.random() < self.aborts:
            self.clock.after(0, lambda: done(False))
            return
        hand = self.chance.choice(self.hands) if self.budget is not None else self.hands[0]
        self._try(self.retries, done, hand, self.clock.now + self.whole)

    def _try(self, left: int, done: Answered, hand: Hand, until: float, tried: tuple[Agent, ...] = ()) -> None:
        agent = self._pick()
        for _ in range(_REDRAWS if self.elsewhere else 0):
            if agent not in tried:
                break
            agent = self._pick()
        if agent is None:
            hand.again -= left < self.retries
            self.clock.after(0, lambda: done(False))
            return
        over = False
        hand.active += 1
        if self.sent is not None:
            self.sent[agent] = self.sent.get(agent, 0) + 1

        def answered(well: bool) -> None:
            nonlocal over
            if over:
                return
            over = True
            hand.active -= 1
            hand.again -= left < self.retries
            if self.sent is not None:
                self.sent[agent] -= 1
            self._seen(agent, well)
            if well or not left or self.clock.now >= until - 1e-9 or self._refused(hand):
                done(well)
                return
            hand.again += 1
            pause = self._pause(self.retries - left)
            if self.clock.now + pause >= until:
                self.clock.after(until - self.clock.now, too_late)
            elif pause:
                self.clock.after(pause, lambda: self._try(left - 1, done, hand, until, (*tried, agent)))
            else:
                self._try(left - 1, done, hand, until)

        def too_late() -> None:
            hand.again -= 1
            done(False)

        sent: list[Try] = []

        def go() -> None:
            if not over:
                sent.append(self.to.take(agent, answered))

        def give_up() -> None:
            for one in sent:
                one.open = False
            answered(False)

        if self.delay:
            self.clock.after(self.delay, go)
        else:
            go()
        limit = min(self.timeout, until - self.clock.now)
        if not math.isinf(limit) and not over:
            self.clock.after(limit, give_up)

    def _refused(self, hand: Hand) -> bool:
        budget = self.budget
        return budget is not None and budget.share < 1 and hand.again >= max(3, int(budget.share * hand.active))

    def _pause(self, before: int) -> float:
        """Before a retry, after so many others."""
        if self.budget is not None:
            return self.chance.random() * min(2.0**before, self.budget.grows) * self.budget.backoff
        return self.chance.random() * _BACKOFF_S if self.elsewhere else 0.0

    def _pick(self) -> Agent | None:
        able = [one for one in self.to.agents if one.listed and one not in self.aside]
        if not able:
            return None
        if self.route == "round robin":
            # In turn, each round in another order: nobody's requests go in step with another round's.
            while self.turn:
                agent = self.turn.pop()
                if agent.listed and agent not in self.aside:
                    return agent
            self.turn = self.chance.sample(able, len(able))
            return self.turn.pop()
        if self.route == "random":
            return self.chance.choice(able)
        if self.elsewhere:
            able = [self.chance.choice(able), self.chance.choice(able)]
        return min(able, key=lambda one: (self._load(one), self.chance.random()))

    def _load(self, agent: Agent) -> int:
        return agent.load if self.sent is None else self.sent.get(agent, 0)

    def _seen(self, agent: Agent, well: bool) -> None:
        if self.breaker is None:
            return
        self.errors[agent] = 0 if well else self.errors.get(agent, 0) + 1
        most = math.floor(len(self.to.agents) * self.breaker.share + 1e-9)
        if self.errors[agent] >= self.breaker.errors and agent not in self.aside and len(self.aside) < most:
            self.aside.add(agent)
            self.clock.after(self.breaker.seconds + self.chance.random() * SWEEP_S, lambda: self.back(agent))

    def back(self, agent: Agent) -> None:
        self.aside.discard(agent)
        self.errors[agent] = 0
