"""Arrivals, service times and servers -> how long a request waits in one queue before many equal servers.

Invariant: every wait falls, or stays, when a server is added and nothing else changes; searches for a size rely on it.

What is theorem: the Erlang formulas and the exponential tail of the wait for Poisson arrivals and exponential service
(M/M/c, first come first served; Kleinrock, "Queueing Systems" vol. 1, section 3.5; Cooper, "Introduction to Queueing
Theory", ch. 3).
What is model: for other arrivals or service times the mean wait is corrected by (ca2 + cs2) / 2 (Allen, "Probability,
Statistics and Queueing Theory", 2nd ed., section 5.3.7: Allen-Cunneen), and the tail is taken as exponential with that
mean, P(W > t) = C exp(-(c mu - lambda) t / ((ca2 + cs2) / 2)). Both are exact for M/M/c; the mean is exact for M/G/1.
Times that vary less than exponential ones make waits of a more even length, which end later than that tail begins: it
is moved by what was measured (`_EVEN`; M/D/c and log-normal times at 1 to 16 servers and 20 to 90 % load,
tests/semantics/test_rare_waits.py); means are not.
At agents that are sent requests at random, or in turn, each has a queue of its own, to which these come as Poisson or
more evenly; what proxies make of queues that they see a part of is in `two_choices`.
Service times that vary widely have a heavier tail than that: one long job holds up few servers' whole queue (`steep`).
Times in seconds, rates per second; figures are doubles.
"""

from __future__ import annotations

import math
from typing import NamedTuple

_NEGLIGIBLE = 1e-18
_CV2_PER_SERVER = 1.0
_EVEN = 0.3
"""Of a service time that all requests take, before one server."""
RARE = 1e-3
"""A share of requests that wait at all below which the shape of their waits decides no quantile up to p99."""


def erlang_b(servers: int, offered: float) -> float:
    """Share of arrivals that M/G/c/c blocks: `servers` >= 0, `offered` = arrival rate x mean service >= 0 (erlangs).

    1/B = sum over k of c (c-1) ... (c-k+1) / a^k. All terms are positive, so nothing cancels; they fall off after
    about (c - a) + 9 sqrt(a) terms, so a million servers cost some ten thousand steps. Below 1e-300 the answer is 0.
    """
    if offered <= 0:
        return 1.0 if servers == 0 else 0.0
    term = total = 1.0
    most = min(servers, math.floor(offered))
    for left in range(servers, most, -1):
        term *= left / offered
        total += term
        if total > 1e300:
            return 0.0
    for left in range(most, 0, -1):
        ratio = left / offered
        term *= ratio
        total += term
        if term < total * _NEGLIGIBLE * (1 - ratio):
            break
    return 1 / total


def erlang_c(servers: int, offered: float) -> float:
    """Share of arrivals that wait in M/M/c; 1.0 when `offered` >= `servers` (the queue then has no steady state)."""
    if offered >= servers:
        return 1.0
    blocked = erlang_b(servers, offered)
    return blocked / (1 - offered / servers * (1 - blocked))


def steep(servers: int, cs2: float) -> bool:
    """Whether the tail of the wait falls at least as fast as the exponential one down to p99.

    Simulated with log-normal service times at up to 95 % load (tests/semantics/test_rare_waits.py): with one server
    that ends at a squared coefficient of variation of 1.6 to 3.3, with two at 3.3 to 4.7, with eight at about 10.
    """
    return cs2 <= _CV2_PER_SERVER * servers


class Queue(NamedTuple):
    """`servers` >= 1 (agents x concurrency), `arrival_rate` per second >= 0, `service_mean` seconds > 0.

    `ca2` and `cs2` are the squared coefficients of variation of the gaps between arrivals (1: Poisson) and of the
    service times (`LogNormal.cv2()`; 1: exponential).
    """

    servers: int
    arrival_rate: float
    service_mean: float
    ca2: float = 1.0
    cs2: float = 1.0

    @property
    def offered(self) -> float:
        """Servers kept busy on average, in erlangs."""
        return self.arrival_rate * self.service_mean

    @property
    def stable(self) -> bool:
        return self.offered < self.servers

    @property
    def variability(self) -> float:
        """The Allen-Cunneen factor (ca2 + cs2) / 2."""
        return (self.ca2 + self.cs2) / 2

    def wait_probability(self) -> float:
        """Share of requests that wait at all: Erlang C."""
        return erlang_c(self.servers, self.offered)

    def wait_of_those_waiting(self) -> float:
        """Mean wait of those that wait: variability / (c mu - lambda), seconds; infinite when unstable."""
        free = self.servers - self.offered
        return self.variability * self.service_mean / free if free > 0 else math.inf

    def mean_wait(self) -> float:
        """Mean wait over all requests, seconds; infinite when unstable."""
        return self.wait_probability() * self.wait_of_those_waiting()

    def finds(self, waiting: int) -> float:
        """Share of arrivals that find at least so many waiting: C rho^n (exact for M/M/c). Where times vary more it
        falls off more slowly, as the wait does."""
        if not self.stable:
            return 1.0
        return self.wait_probability() * math.pow(self.offered / self.servers, waiting / max(1.0, self.variability))

    def of_each(self, servers: int) -> Queue:
        """That of some of the servers, where each is sent an equal part whatever the others have in hand."""
        return self._replace(
            servers=servers, arrival_rate=self.arrival_rate * servers / self.servers if self.servers else math.inf
        )

    def wait(self) -> Wait:
        offered = self.offered
        if not offered < self.servers:
            return Wait(1.0, math.inf, self.servers, 0.0)
        waiting = erlang_c(self.servers, offered)
        decay = self.wait_of_those_waiting() if waiting > 0 else 0.0
        return Wait(waiting, decay, self.servers, 1 - offered / self.servers, later=self._later())

    def _later(self) -> float:
        even = max(0.0, 1 - self.cs2)
        return _EVEN * self.service_mean * even * even / math.sqrt(self.servers)


class Wait(NamedTuple):
    """A queue's tail, read off once, since Erlang's formula costs a loop each time:
    P(W > t) = waiting x exp(-(t - delay - later) / decay), and no more than `waiting` for t below `delay + later`.

    `waiting`: the share that waits at all; `delay + decay`: the mean wait of those, seconds, infinite when unstable;
    `servers` that a long request leaves one less of, and the part of their time that is `spare`; `later`: by how much
    the tail is moved where requests of one length make waits more even than exponential ones of that mean.
    """

    waiting: float
    decay: float
    servers: int
    spare: float
    delay: float = 0.0
    later: float = 0.0

    @property
    def endless(self) -> bool:
        return math.isinf(self.decay)

    def mean(self) -> float:
        """Over all requests, seconds."""
        return self.waiting * (self.delay + self.decay)

    def mean_square(self) -> float:
        return self.waiting * (self.delay**2 + 2 * self.delay * self.decay + 2 * self.decay**2)

    def above(self, seconds: float) -> float:
        """Share of all requests that wait longer."""
        over = seconds - self.delay - self.later
        if self.endless or over < 0:
            return self.waiting
        return self.waiting * math.exp(-over / self.decay) if self.decay > 0 else 0.0

    def quantile_above(self, tail: float) -> float:
        """Least t with P(W > t) <= `tail`, seconds; 0 < tail <= 1; infinite when unstable."""
        return 0.0 if self.waiting <= tail else self.delay + self.later + self.decay * math.log(self.waiting / tail)

    def exceeded(self, tail: float) -> tuple[float, float]:
        """`quantile_above`, and what a relative change of the tail costs there: -d t / d log(tail)."""
        return self.quantile_above(tail), 0.0 if self.waiting <= tail else self.decay

    def or_worse(self, other: Wait) -> Wait:
        """A tail that neither of the two exceeds."""
        return Wait(
            max(self.waiting, other.waiting),
            max(self.decay, other.decay),
            min(self.servers, other.servers),
            min(self.spare, other.spare),
            max(self.delay, other.delay),
            max(self.later, other.later),
        )
