"""A call's tries, one after the other -> the time that its timeout leaves to each of them, what was spoiled before.

Invariant: lower bounds of the time, so upper bounds of who is late: a try is in time if all of the `tries` of one of
these `Left` end within its `seconds`.

A try that meets an agent that hangs ends by its own timeout; one whose agent is killed is refused at once; one that
fails for what lies behind may take as long as one that does not. Each back-off is as long as it can be.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from ...model import Call
from ..flows.deadlines import backoff_of
from .tries import Spoiling


class Left(NamedTuple):
    tries: int
    seconds: Fraction


def left_for(
    call: Call, retry: int, spoiling: Spoiling, delay: Fraction, begun: Fraction | None = None
) -> Iterator[Left]:
    """For the `retry`-th retry, or with 0 the first try, of a call that has a timeout; any of them holds. `delay`: what
    delays add to each try. `begun`: the first one was lost after so many seconds."""
    policy, limit = call.policy, call.policy.patience_seconds
    assert limit is not None
    each, whole = limit.value, policy.timeout_seconds
    if retry == 0 or whole is None:
        yield Left(1, each)
        return
    left = whole.value - waits_before(call, retry)
    if policy.try_timeout_seconds is not None:
        yield Left(1, min(each, left - retry * each))
    if spoiling.hung:
        yield Left(1, Fraction(0))
        return
    before = retry if begun is None else retry - 1
    left -= begun or 0
    if spoiling.other:
        yield Left(before + 1, min(each, left / (before + 1)))
    else:
        yield Left(1, min(each, left - before * delay))


def waits_before(call: Call, retry: int) -> Fraction:
    """All back-offs up to that retry, at the longest."""
    backoff = backoff_of(call)
    return sum((backoff.before(one) for one in range(1, retry + 1)), Fraction(0))
