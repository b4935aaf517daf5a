"""The parts of the runtime document, one function for each kind of object.

Turns one plan object into its JSON object. Invariant: the keys are those of `fleet.schema.json`, which is closed.
"""

from __future__ import annotations

from seatrial.compiler.plan import (
    BreakPlan,
    BudgetPlan,
    CallPlan,
    DemandPlan,
    DependencyPlan,
    HealthPlan,
    LimitPlan,
    Plan,
    PoolPlan,
    QuorumPlan,
    RetryPlan,
    ScalingPlan,
    StepPolicy,
)

from ..base import Json, Object
from ..quantity import number, optional


def demand(one: DemandPlan) -> Object:
    return {
        "name": one.name,
        "steady_per_second": number(one.steady_per_second),
        "peak_per_second": number(one.peak_per_second),
        "peak_for_seconds": optional(one.peak_for_seconds),
        "peak_every_seconds": optional(one.peak_every_seconds),
        "rise_per_second": optional(one.rise_per_second),
        "priority": one.priority,
    }


def dependency(one: DependencyPlan) -> Object:
    latency: Object | None = None
    # Either both quantiles or nothing: a reader that fits a distribution needs two points.
    if one.latency_p50_seconds is not None and one.latency_p99_seconds is not None:
        latency = {"p50_seconds": number(one.latency_p50_seconds), "p99_seconds": number(one.latency_p99_seconds)}
    elif (only := one.latency_p50_seconds or one.latency_p99_seconds) is not None:
        latency = {"p50_seconds": number(only), "p99_seconds": number(only)}
    return {
        "name": one.name,
        "latency": latency,
        "requests_per_second": optional(one.requests_per_second),
        "tokens_per_second": optional(one.tokens_per_second),
        "connections": one.connections,
    }


def pool(one: PoolPlan) -> Object:
    service: Object | None = None
    if one.service_mean_seconds is not None:
        service = {"mean_seconds": number(one.service_mean_seconds), "p99_seconds": optional(one.service_p99_seconds)}
    return {
        "name": one.name,
        "agents": {"min": one.agents_min, "max": one.agents_max},
        "concurrency": one.concurrency,
        "service": service,
        "startup_seconds": number(one.startup_seconds),
        "drain_seconds": one.drain_seconds,
        "priority": one.priority,
        "run": one.run,
        "holds": [{"dependency": hold.dependency, "connections": hold.connections} for hold in one.holds],
        "scaling": None if one.scaling is None else _scaling(one.scaling),
        "health": None if one.health is None else _health(one.health),
        **({"startup_limit_seconds": one.startup_limit_seconds} if one.startup_limit_seconds is not None else {}),
    }


def _health(one: HealthPlan) -> Object:
    waits = {} if one.timeout_seconds is None else {"timeout_seconds": one.timeout_seconds}
    return {"every_seconds": one.every_seconds, "fails_after": one.fails_after, **waits}


def _scaling(one: ScalingPlan) -> Object:
    return {
        "signal": one.signal.value,
        "target": number(one.target),
        "up_window_seconds": one.up_window_seconds,
        "down_window_seconds": one.down_window_seconds,
        "up": _step(one.up),
        "down": _step(one.down),
    }


def _step(one: StepPolicy) -> Object:
    return {"share": number(one.share), "period_seconds": one.period_seconds}


def call(one: CallPlan) -> Object:
    failure, latency = one.shed_on_failure, one.shed_on_latency
    return {
        "name": one.name,
        "caller_kind": one.caller_kind.value,
        "caller": one.caller,
        "callee_kind": one.callee_kind.value,
        "callee": one.callee,
        "per_request": number(one.per_request),
        "tokens_per_call": optional(one.tokens_per_call),
        "bytes_per_call": optional(one.bytes_per_call),
        "timeout_seconds": optional(one.timeout_seconds),
        "try_timeout_seconds": optional(one.try_timeout_seconds),
        "retry": _retry(one.retry),
        "breaker": None if one.breaker is None else _breaker(one.breaker),
        "limit": None if one.limit is None else _limit(one.limit),
        "shed_on_failure": None
        if failure is None
        else {"success_below": number(failure.success_below), "over_seconds": number(failure.over_seconds)},
        "shed_on_latency": None
        if latency is None
        else {
            "priority": latency.priority,
            "quantile": number(latency.quantile),
            "above_seconds": number(latency.above_seconds),
        },
        "admit": None if one.admit is None else {"per_second": number(one.admit.per_second), "burst": one.admit.burst},
        "warm_up": None
        if one.warm_up is None
        else {
            "over_seconds": number(one.warm_up.over_seconds),
            "from_share": number(one.warm_up.from_share),
        },
        "route": one.route.value,
        "route_header": one.route_header,
    }


def _retry(one: RetryPlan) -> Object:
    return {
        "attempts": one.attempts,
        "backoff_seconds": number(one.backoff_seconds),
        "backoff_factor": number(one.backoff_factor),
        "backoff_cap_seconds": number(one.backoff_cap_seconds),
        "budget_share": optional(one.budget_share),
    }


def _breaker(one: BreakPlan) -> Object:
    return {
        "errors": one.errors,
        "success_below": optional(one.success_below),
        "over_seconds": number(one.over_seconds),
        "eject_share": number(one.eject_share),
        "eject_for_seconds": number(one.eject_for_seconds),
    }


def _limit(one: LimitPlan) -> Object:
    return {"pending": one.pending, "in_flight": one.in_flight, "connections": one.connections}


def budget(one: BudgetPlan) -> Object:
    return {"scope": one.scope.value, "dollars": number(one.dollars), "period": one.period.value}


def quorum(one: QuorumPlan) -> Object:
    return {
        "name": one.name,
        "pool": one.pool,
        "members": one.members,
        "votes_needed": one.votes_needed,
        "tolerate": one.tolerate,
        "fault": one.fault.value,
        "within_seconds": optional(one.within_seconds),
    }


def objectives(plan: Plan) -> Object:
    latency: list[Json] = [
        {
            "guarantee": one.guarantee,
            "demand": one.demand,
            "quantile": number(one.quantile),
            "below_seconds": number(one.below_seconds),
            "proved_seconds": optional(one.proved_seconds),
        }
        for one in plan.latency
    ]
    success: list[Json] = [
        {
            "guarantee": one.guarantee,
            "demand": one.demand,
            "share": number(one.share),
            "over_seconds": number(one.over_seconds),
        }
        for one in plan.success
    ]
    recovery: list[Json] = [
        {"guarantee": one.guarantee, "within_seconds": number(one.within_seconds)} for one in plan.recovery
    ]
    cost: list[Json] = [
        {"guarantee": one.guarantee, "dollars": number(one.dollars), "period": one.period.value} for one in plan.cost
    ]
    return {"latency": latency, "success": success, "recovery": recovery, "cost": cost}
