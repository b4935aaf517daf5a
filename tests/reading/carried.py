"""What of a plan Kubernetes', Istio's and KEDA's documents carry, so that two plans can be compared by it.

Not carried, because no document has a place for it: the title, demands' rates and priorities, node sizes, dependencies'
limits and latencies and those that nobody calls, `concurrency`, service times, prices, `run`, `holds`, calls per
request, tokens, bytes, shedding by latency, budgets, votes, guarantees, trials, the containment of failures, and of how
agents are organised all but who may stop everything.

Carried in part: of a start only when it is given up; what was to be survived, but not how
many; a try's timeout only where there is a second try; the window of errors in a row, which Istio has and the language
does not, is its default.
"""

from __future__ import annotations

from dataclasses import dataclass

from seatrial.compiler.model import CalleeKind, CallerKind, Route, Signal
from seatrial.compiler.plan import BreakPlan, CallPlan, Plan, PoolPlan, ScalingPlan
from seatrial.compiler.semantics.probes import STARTUP_LEAST_S, startup_failures
from seatrial.compiler.semantics.scaling import MAX_PERIOD_S, MAX_WINDOW_S
from seatrial.targets.behavior import percent_up
from seatrial.targets.proxy import LEFT_TO_AGENTS, ejects, failure_percentage_threshold, timeout
from seatrial.targets.quantity import cpu, milliseconds, percent_down

LEAST_MILLI = 1


@dataclass(frozen=True)
class Carried:
    fleet: str
    pools: dict[str, tuple[object, ...]]
    calls: dict[str, tuple[object, ...]]
    demands: frozenset[str]
    dependencies: frozenset[str]
    closed: tuple[bool, bool]
    stops: frozenset[str]
    survive: frozenset[str]
    queues: frozenset[tuple[str, str]]
    """Of pools that may be empty: KEDA asks these for their items."""


def carried(plan: Plan) -> Carried:
    closed = any(one.only_declared_calls for one in plan.security)
    return Carried(
        fleet=plan.fleet,
        pools={pool.name: _pool(pool) for pool in plan.pools},
        calls={call.name: _call(call) for call in plan.calls},
        demands=frozenset(call.caller for call in plan.calls if call.caller_kind is CallerKind.DEMAND),
        dependencies=frozenset(call.callee for call in plan.calls if call.callee_kind is CalleeKind.DEPENDENCY),
        closed=(closed or any(one.mutual_tls for one in plan.security), closed),
        stops=frozenset(stop.role for stop in plan.stops),
        survive=frozenset(what.value for _, what in plan.survive),
        queues=frozenset(
            (queue.name, queue.pool) for queue in plan.containment.queues if plan.pool(queue.pool).agents_min == 0
        ),
    )


def _pool(pool: PoolPlan) -> tuple[object, ...]:
    starting = startup_failures(pool.startup_seconds, pool.startup_limit_seconds)
    return (
        pool.agents_min,
        pool.agents_max if pool.scaling is not None else pool.agents_min,
        pool.image,
        pool.on,
        None if pool.cpu_cores is None else cpu(pool.cpu_cores),
        pool.memory_bytes,
        pool.gpus or None,
        None if pool.scaling is None else _scaling(pool.scaling),
        pool.health,
        pool.disruption_min_available,
        pool.drain_seconds,
        pool.priority,
        starting if pool.health is not None and starting > STARTUP_LEAST_S else None,
    )


def _scaling(scaling: ScalingPlan) -> tuple[object, ...]:
    target = (
        percent_up(scaling.target) if scaling.signal is Signal.CPU else max(LEAST_MILLI, round(scaling.target * 1000))
    )
    return (
        scaling.signal,
        target,
        min(MAX_WINDOW_S, scaling.down_window_seconds),
        percent_up(scaling.up.share),
        min(MAX_PERIOD_S, scaling.up.period_seconds),
    )


def _call(call: CallPlan) -> tuple[object, ...]:
    retry, whole = call.retry, timeout(call)
    base = milliseconds(retry.backoff_seconds)
    tries = call.try_timeout_seconds
    return (
        call.caller_kind,
        call.callee_kind,
        None if whole is None else milliseconds(whole),
        retry.attempts,
        None
        if not retry.attempts
        else (
            base,
            max(base, milliseconds(retry.backoff_cap_seconds)),
            retry.budget_share,
            None if tries is None else milliseconds(tries),
        ),
        None if call.breaker is None or not ejects(call.breaker) else _breaker(call.breaker),
        call.limit,
        call.shed_on_failure,
        call.admit,
        call.warm_up,
        Route.LEAST_LOADED if call.route in LEFT_TO_AGENTS else call.route,
        call.route_header if call.route is Route.BY_HEADER else None,
    )


def _breaker(breaker: BreakPlan) -> tuple[object, ...]:
    below = breaker.success_below
    return (
        breaker.errors,
        None if below is None else (failure_percentage_threshold(below), milliseconds(breaker.over_seconds)),
        percent_down(breaker.eject_share),
        milliseconds(breaker.eject_for_seconds),
    )
