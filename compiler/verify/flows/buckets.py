"""Token buckets in the proxies of a pool -> how many requests per second of a call they let through at the most.

Retries of the call itself come after the bucket, and are not counted. Source: Envoy, local rate limit; a bucket in each
agent's proxy.
"""

from __future__ import annotations

from fractions import Fraction

from ...model import Call, CallerKind
from ...semantics.probes import grace
from ...semantics.updates import placed_pods
from .analysis import Analysis
from .pods import most_pods


def admitted(analysis: Analysis, call: Call) -> Fraction | None:
    """In the mean over a time to leave, of an update's agents too; None where the call has no bucket. A demand comes in
    through one gateway."""
    admit = call.policy.admit
    if admit is None:
        return None
    if call.caller_kind is CallerKind.DEMAND:
        return admit.per_second.value
    caller = analysis.pool(call.caller)
    there, live = most_pods(caller), placed_pods(caller.agents_most.value)
    in_hand = caller.each.concurrency.value * call.per_request.value / grace(caller.drain_seconds.value)
    return min(there * admit.per_second.value, live * admit.per_second.value + there * in_hand)
