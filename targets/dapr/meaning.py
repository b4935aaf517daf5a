"""What one attempt of a call may take, as Dapr counts it.

Turns a call's two time-outs into the one that Dapr has. Invariant: no attempt may take longer than the spec allows the
whole call.

Source: Dapr 1.18, `pkg/resiliency/policy.go`: the time-out wraps each attempt, and retries wrap the time-outs.
"""

from __future__ import annotations

from fractions import Fraction

from seatrial.compiler.plan import CallPlan


def each_try(call: CallPlan) -> Fraction | None:
    """Seconds; None where neither is stated."""
    stated = [one for one in (call.try_timeout_seconds, call.timeout_seconds) if one is not None]
    return min(stated, default=None)


def longest(call: CallPlan) -> Fraction | None:
    """Seconds that a caller waits at most with Dapr's policies: all attempts and the pauses between them."""
    one = each_try(call)
    return None if one is None else one * (call.retry.attempts + 1) + call.retry.backoff_seconds * call.retry.attempts
