"""A retry policy and its timeouts -> attempts that can start, how long they take, how much load they add.

Invariant: everything here is a worst case: every try takes its whole per-try timeout and fails, every back-off is as
long as it can be (`attempts_within`, `worst_duration`), or every failure is retried (`amplification`).

Source: https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/router_filter (the route timeout
includes all retries and back-offs), Envoy `source/common/common/backoff_strategy.cc` (the n-th retry, n from 1, waits a
uniform random time below base x 2^(n-1), capped at `max_interval`, 10 x base unless set; the documentation still has
2^n - 1) and `source/common/upstream/resource_manager_impl.h` (the retry budget). Times in seconds, exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TypeVar

from .queueing import erlang_b

N = TypeVar("N", Fraction, float)

ENVOY_BASE_S = Fraction(25, 1000)
ENVOY_FACTOR = Fraction(2)
ENVOY_CAP_FACTOR = 10
ENVOY_MIN_RETRY_CONCURRENCY = 3


@dataclass(frozen=True, slots=True)
class Backoff:
    """The longest wait before each retry: base x factor^(n-1), at most `cap`, for the n-th retry.

    Envoy's factor is 2, its cap 10 x base unless set; `Backoff(0)` waits nothing.
    """

    base: Fraction = ENVOY_BASE_S
    factor: Fraction = ENVOY_FACTOR
    cap: Fraction | None = None

    def before(self, retry: int) -> Fraction:
        """Longest wait before the `retry`-th retry, counted from 1."""
        cap = self.base * ENVOY_CAP_FACTOR if self.cap is None else self.cap
        wait = self.base
        for _ in range(retry - 1):
            if wait >= cap or self.factor == 1:
                break
            wait *= self.factor
        return min(wait, cap)


def attempt_starts(
    timeout: Fraction | None, per_try_timeout: Fraction | None, retries: int, backoff: Backoff
) -> tuple[Fraction, ...]:
    """When each attempt starts, seconds after the first, if it starts strictly before `timeout` at all.

    `timeout` None: no overall limit. `per_try_timeout` None: a try may take all the time there is, so in the worst
    case no second one starts.
    """
    starts = [Fraction(0)]
    if per_try_timeout is None:
        return tuple(starts)
    for retry in range(1, retries + 1):
        start = starts[-1] + per_try_timeout + backoff.before(retry)
        if timeout is not None and start >= timeout:
            break
        starts.append(start)
    return tuple(starts)


def attempts_within(timeout: Fraction | None, per_try_timeout: Fraction | None, retries: int, backoff: Backoff) -> int:
    """Attempts, the first included, that can start before the overall timeout when each takes its whole time."""
    return len(attempt_starts(timeout, per_try_timeout, retries, backoff))


def worst_duration(
    timeout: Fraction | None, per_try_timeout: Fraction | None, retries: int, backoff: Backoff
) -> Fraction | None:
    """Longest time until the caller has its last answer or error; None when neither timeout bounds it."""
    if per_try_timeout is None:
        return timeout
    whole = (1 + retries) * per_try_timeout + sum((backoff.before(n) for n in range(1, retries + 1)), Fraction(0))
    return whole if timeout is None else min(timeout, whole)


@lru_cache(maxsize=1024)
def amplification(retries: int, budget_share: Fraction | None = None) -> Fraction:
    """Most attempts per request on one hop when all fail: 1 + retries, or less under a retry budget.

    Envoy's budget b allows a retry while retries < b x (active + pending requests), and the active ones include the
    retries being tried: with N first tries and R retries in flight, R <= b (N + R), so (N + R) / N <= 1 / (1 - b).
    Retries that still back off are not active, so long back-offs stay further below. Measured on Envoy 1.40 against
    an upstream that always fails: back-off 1 ms, 1.25 at 20 % and 1.95 at 50 %; back-off 500 ms, 1.11 at 20 %.
    It is a share of concurrency: it equals the share of requests when retries take as long as first tries. And
    `min_retry_concurrency` (3 unless set) may always retry, so that a quiet cluster is amplified up to 1 + retries:
    `budget_binds_from` says from how many requests in flight the share decides, and `tried` what comes of both. b >= 1
    limits nothing.
    """
    unlimited = Fraction(1 + retries)
    if budget_share is None or budget_share >= 1:
        return unlimited
    return min(unlimited, 1 / (1 - budget_share))


def stirred(used: float, times: float) -> float:
    """How many times as many requests find a queue long, before slots that are `used` to this share, where `times`
    as many come as long as it is: its states rise and fall one request at a time, and beyond that length each is
    `times` x `used` as likely as the one before, not `used` (Kleinrock, "Queueing Systems" vol. 1, section 3.1: birth
    and death). Infinite where that is 1 and more.
    """
    if times <= 1:
        return 1.0
    return (1 - used) / (1 - times * used) if times * used < 1 else math.inf


def tried(first: N, retries: int, budget_share: Fraction | None, proxies: int, backoff: Backoff) -> N:
    """Attempts per second at the most when all of so many first tries per second fail, which so many proxies make.

    A retry is let through while there are fewer than `min_retry_concurrency`, or than the budget's share of what is
    under way. Each has its slot for its back-off, half of the longest on average and no shorter than before the first
    retry, and for its try, which may take no time at all, as where connections are refused. So by Little's law no more
    than so many slots over that back-off pass a proxy, or b / (1 - b) of its first tries (`amplification`); of several
    proxies, whichever of the two is more in each, however uneven the first tries are spread over them.
    """
    all_of_them = first * retries
    if budget_share is None or budget_share >= 1 or backoff.base <= 0:
        return first + all_of_them
    each = _whatever_the_budget(backoff)
    share = first * (budget_share / (1 - budget_share))
    more = share + (proxies - 1) * each if share > each else first * 0 + proxies * each
    return first + min(all_of_them, more)


def _whatever_the_budget(backoff: Backoff) -> Fraction:
    """Retries per second in one proxy."""
    return ENVOY_MIN_RETRY_CONCURRENCY / (backoff.before(1) / 2)


def tried_in(
    first: Fraction, seconds: Fraction, retries: int, budget_share: Fraction | None, proxies: int, backoff: Backoff
) -> Fraction:
    """Attempts at the most when all of so many first tries in so many seconds fail, however they are spread over them.

    `tried` of a rate is no more than with both parts of a budget added up. That, unlike the larger of the two, is
    concave in the rate, so that tries that come evenly become most (Jensen). Slots that are taken as the time begins
    come on top.
    """
    if budget_share is None or budget_share >= 1 or backoff.base <= 0:
        return first * (1 + retries)
    few = proxies * (_whatever_the_budget(backoff) * seconds + ENVOY_MIN_RETRY_CONCURRENCY)
    return first + min(first * retries, first * budget_share / (1 - budget_share) + few)


def budget_binds_from(budget_share: Fraction, min_retry_concurrency: int = ENVOY_MIN_RETRY_CONCURRENCY) -> int | None:
    """Least requests in flight at which the budget's share, not `min_retry_concurrency`, is the limit; None for 0 %."""
    return math.ceil(min_retry_concurrency / budget_share) if budget_share > 0 else None


def retry_slots(budget_share: Fraction, active: Fraction, least: int = ENVOY_MIN_RETRY_CONCURRENCY) -> int:
    """Retries that one proxy lets be under way at once while `active` requests are in flight or pending.

    Envoy counts a retry from the decision on: it has its slot during its back-off and its whole try, until its outcome
    is known (`source/common/router/retry_state_impl.cc`); `least` is `min_retry_concurrency`.
    """
    return max(least, math.floor(budget_share * active))


def retries_refused(slots: int, offered: float, at_once: float = 0.0) -> float:
    """An upper bound of the share of wanted retries that find no slot: they are not made, and their request fails.

    `offered`: failing tries a second x (mean back-off + mean response) in erlangs, for arrivals of Poisson; `at_once`:
    retries wanted at the very beginning, on average, as when agents die with requests in hand. Without those it is
    Erlang's loss formula, which a system that begins empty comes up to from below, for any distribution of the times
    that slots are held (Cooper, "Introduction to Queueing Theory", section 3.3; Erlang, 1917). With them it is the
    chance that a system without a limit holds as many: nothing is turned away there, so it holds at least as many at
    every instant, and their number is Poisson with mean `offered` + `at_once` at most (M/G/infinity; Takacs,
    "Introduction to the Theory of Queues", 1962, ch. 3).
    """
    if at_once <= 0:
        return erlang_b(slots, offered)
    mean = offered + at_once
    term, below = math.exp(-mean), 0.0
    for count in range(slots):
        below += term
        term *= mean / (count + 1)
    return min(1.0, max(0.0, 1 - below))


def chain_amplification(hops: Iterable[Fraction]) -> Fraction:
    """Most attempts at the end of a chain for one request at its start: the product of the hops' factors.

    Attained when every hop fails outright and every caller retries the callee's final failure.
    """
    return math.prod(hops, start=Fraction(1))
