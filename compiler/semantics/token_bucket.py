"""A rate and a burst of a token bucket -> what it refuses of random arrivals, and how Envoy is told of it.

Invariant: with the burst of `burst_for`, or a larger one, no more than the stated share of Poisson arrivals is refused.

Source: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/local_rate_limit_filter and
`api/envoy/type/v3/token_bucket.proto`: `max_tokens`, `tokens_per_fill` every `fill_interval`, full at the start; a
request takes a token. The tokens that are missing are, refusals left out, the waiting time of an M/D/1 queue that is
served at the rate, whose tail is below exp(-theta x) with theta the positive root of arrivals x (e^theta - 1) =
rate x theta (Kingman, "A martingale inequality in the theory of queues", 1964). What comes in bunches does so all at
once, which is worst: e^theta is then the mean of e^(theta x bunch) (Asmussen, "Ruin Probabilities", 2000, ch. III).
Rates per second.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

LEAST_FILL_MS = 50
"""Envoy refuses shorter fill intervals (local_ratelimit, `fill_interval`)."""

MOST_TOKENS = 2**32 - 1


def fill(per_second: Fraction) -> tuple[int, int]:
    """(tokens, milliseconds) of a fill: exactly the rate, in the shortest whole interval that Envoy takes.

    A rate that no fill of less than 2^32 tokens says exactly is rounded down, by less than a thousandth. At most
    `MOST_TOKENS` in `LEAST_FILL_MS`.
    """
    each = per_second / 1000
    times = -(-LEAST_FILL_MS // each.denominator)
    if each.numerator * times <= MOST_TOKENS:
        return each.numerator * times, each.denominator * times
    interval_ms = max(LEAST_FILL_MS, math.ceil(1 / each if 1000 * each < 1 else 1000 / each))
    return math.floor(each * interval_ms), interval_ms


def usual_burst(per_second: Fraction) -> int:
    """The burst where none is said: what comes in a second, one at the least."""
    return max(1, math.ceil(per_second))


class Bunch(NamedTuple):
    """Requests that come together: `members`, each of which goes to one of `proxies` at random and sends `batch`."""

    batch: int = 1
    members: int = 1
    proxies: int = 1

    @property
    def of_one(self) -> float:
        """Requests of a bunch that one proxy gets, on average."""
        return self.batch * self.members / self.proxies

    def grown(self, theta: float) -> float:
        """log E[exp(theta x requests of a bunch at one proxy)] of one more member."""
        return math.log1p(math.expm1(theta * self.batch) / self.proxies)


ALONE = Bunch()


def decay(arrivals: float, per_second: float, bunch: Bunch = ALONE) -> float | None:
    """The exponent by which each further token of burst lessens what is refused, rounded down; None where at least as
    many arrive as are admitted. Bunches come at random, `arrivals` requests a second in all."""
    if not 0 < arrivals < per_second:
        return None
    bunches = arrivals / bunch.of_one

    def over(theta: float) -> bool:
        return bunches * math.expm1(bunch.members * bunch.grown(theta)) > per_second * theta

    # Of requests one by one it is above log(rate / arrivals), and a bunch takes that many times as much.
    low = math.log(per_second / arrivals) / (bunch.batch * bunch.members)
    high = 2 * low
    while not over(high) and high < 600 / (bunch.batch * bunch.members):
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if over(middle) else (middle, high)
    return low


def burst_for(arrivals: float, per_second: float, chance: float, bunch: Bunch = ALONE) -> int | None:
    """A burst with which at most this share is refused, in the long run; None where none is enough."""
    if arrivals <= 0:
        return bunch.batch
    found = decay(arrivals, per_second, bunch)
    if found is None:
        return None
    besides = (bunch.members - 1) * bunch.grown(found)
    return bunch.batch + math.ceil((besides - math.log(chance)) / found)
