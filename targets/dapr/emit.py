"""Plan to Dapr's Resiliency.

Turns the calls of each pool into one Resiliency that only this pool's sidecar reads. Invariant: every call has a target
with a retry policy, of 0 too: without one Dapr retries three times, and a negative number would be without end.

Sources: Dapr 1.18, `pkg/resiliency` (built-in policies, order of time-out, breaker and retry; what a breaker counts),
`pkg/messaging/direct_messaging.go` (built-in retries apply where no target is defined), and "Resiliency" in its docs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from seatrial.compiler.model import CalleeKind
from seatrial.compiler.plan import CallPlan, Plan, PoolPlan, RetryPlan
from seatrial.compiler.semantics.outlier import SHARE_VOLUME

from ..base import Document, Emitted, Object
from ..calls import by_caller
from ..names import metadata
from ..quantity import duration
from .findings import findings
from .meaning import each_try

FOLDER = "dapr"

SERVER_ERRORS = "500-599"
"""Which answers are retried: by default Dapr retries a 404 too. No answer at all is always retried."""


@dataclass(frozen=True, slots=True)
class DaprEmitter:
    """For fleets whose agents call one another by Dapr's service invocation, with the pool's name as `app-id`."""

    @property
    def name(self) -> str:
        return FOLDER

    def emit(self, plan: Plan) -> Emitted:
        return tuple(_documents(plan)), tuple(findings(plan))


def _documents(plan: Plan) -> Iterator[Document]:
    outgoing = by_caller(plan)
    for pool in plan.pools:
        if calls := outgoing.get(pool.name):
            yield Document(f"{FOLDER}/{pool.name}-resiliency.yaml", _resiliency(plan, pool, calls))


def _resiliency(plan: Plan, pool: PoolPlan, calls: Sequence[CallPlan]) -> Object:
    timeouts: Object = {}
    retries: Object = {}
    breakers: Object = {}
    apps: Object = {}
    components: Object = {}
    for call in calls:
        target: Object = {}
        if (limit := each_try(call)) is not None:
            timeouts[call.callee] = duration(limit)
            target["timeout"] = call.callee
        retries[call.callee] = _retry(call.retry)
        target["retry"] = call.callee
        if (breaker := _breaker(call)) is not None:
            breakers[call.callee] = breaker
            target["circuitBreaker"] = call.callee
        if call.callee_kind is CalleeKind.POOL:
            apps[call.callee] = target
        else:
            components[call.callee] = {"outbound": target}
    policies: Object = {"retries": retries}
    if timeouts:
        policies = {"timeouts": timeouts, **policies}
    if breakers:
        policies["circuitBreakers"] = breakers
    targets: Object = {}
    if apps:
        targets["apps"] = apps
    if components:
        targets["components"] = components
    return {
        "apiVersion": "dapr.io/v1alpha1",
        "kind": "Resiliency",
        "metadata": metadata(plan, pool.name),
        # Without scopes every app of the namespace would read it, and the last one read would win.
        "scopes": [pool.name],
        "spec": {"policies": policies, "targets": targets},
    }


def _retry(retry: RetryPlan) -> Object:
    """A constant pause: Dapr's exponential one begins at 500 ms, whatever is set."""
    found: Object = {"policy": "constant", "maxRetries": retry.attempts}
    if retry.attempts:
        found["duration"] = duration(retry.backoff_seconds)
    return {**found, "matching": {"httpStatusCodes": SERVER_ERRORS}}


def _breaker(call: CallPlan) -> Object | None:
    """Dapr's breaker shuts the whole callee. That is what shedding asks for, and what a `break` on a dependency does,
    of which there is one; a `break` on a pool puts single agents aside, which Dapr cannot."""
    if call.callee_kind is CalleeKind.DEPENDENCY and call.breaker is not None:
        one = call.breaker
        if one.errors is not None:
            return _open(f"consecutiveFailures >= {one.errors}", Fraction(0), one.eject_for_seconds)
        assert one.success_below is not None
        return _open(_below(one.success_below), one.over_seconds, one.eject_for_seconds)
    if call.shed_on_failure is not None:
        shed = call.shed_on_failure
        return _open(_below(shed.success_below), shed.over_seconds, shed.over_seconds)
    return None


def _below(success: Fraction) -> str:
    """CEL over the counts of a window: successes are a smaller share than that, exactly."""
    failing = 1 - success
    enough = f"requests >= {SHARE_VOLUME}"
    return f"{enough} && totalFailures * {failing.denominator} > requests * {failing.numerator}"


def _open(trip: str, interval: Fraction, timeout: Fraction) -> Object:
    """`interval` 0: counts are not forgotten while it is shut, which a run of failures needs."""
    return {
        "maxRequests": 1,
        "interval": duration(interval) if interval else "0s",
        "timeout": duration(timeout),
        "trip": trip,
    }
