"""A call's policy -> its back-off, its attempts and its ends, in the terms of `semantics.retries`."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

from ...model import Call
from ...semantics.retries import Backoff, attempts_within, worst_duration
from .figures import double


class Ends(NamedTuple):
    """Seconds, in doubles; infinite where there is no limit."""

    patience: float
    """That one try may take."""
    longest: float
    """Until the caller has its last answer or error."""

    def of(self, seconds: float) -> float:
        """The time of the call when what lies behind it takes that long: a try that is cut is tried again."""
        return seconds if seconds <= self.patience else self.longest


def backoff_of(call: Call) -> Backoff:
    retry = call.policy.retry
    if retry is None:
        return Backoff(Fraction(0))
    return Backoff(retry.backoff_seconds.value, retry.backoff_factor.value, retry.backoff_cap_seconds.value)


def longest_pause(call: Call) -> Fraction:
    """Seconds before any one further try, at the most."""
    retry = call.policy.retry
    return Fraction(0) if retry is None else backoff_of(call).before(retry.attempts.value)


def retries_in_time(call: Call, *, slow: bool) -> int:
    """Retries that can start before the timeout, when tries fail at once or (`slow`) only by their try timeout."""
    policy, retry = call.policy, call.policy.retry
    if retry is None:
        return 0
    single = policy.try_timeout_seconds.value if policy.try_timeout_seconds else None
    limit = policy.timeout_seconds.value if policy.timeout_seconds else None
    each = single if slow else Fraction(0)
    return attempts_within(limit, each, retry.attempts.value, backoff_of(call)) - 1


def longest_of(call: Call) -> Fraction | None:
    """Seconds until the caller has its last answer or error; None where nothing ends it."""
    policy, retry = call.policy, call.policy.retry
    limit = policy.timeout_seconds.value if policy.timeout_seconds else None
    if policy.try_timeout_seconds is None:
        return limit
    return worst_duration(
        limit, policy.try_timeout_seconds.value, retry.attempts.value if retry else 0, backoff_of(call)
    )


def ends_of(call: Call) -> Ends:
    patience, longest = call.policy.patience_seconds, longest_of(call)
    return Ends(
        math.inf if patience is None else double(patience.value), math.inf if longest is None else double(longest)
    )
