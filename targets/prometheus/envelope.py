"""The assumptions of the proof, watched.

Turns what the checker took for granted (demand, bounds, what dependencies can do) into alerts for the moment at which
the world leaves it. Invariant: none of these says that a promise is broken; each says that it is no longer proved.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from seatrial.compiler.model import CalleeKind
from seatrial.compiler.plan import DemandPlan, DependencyPlan, Plan, PoolPlan
from seatrial.compiler.semantics.activation import first_ready_s

from ..base import Object
from ..names import dependency_host
from . import series
from .rules import alert, record

SPEND = "fleet:agents_dollars:per_hour"

RATE_S = 120
"""Over which rates are taken: several scrapes, and still short beside a rise."""


def recordings(plan: Plan) -> Iterator[Object]:
    """What the agents cost an hour, from those that are there."""
    priced = [pool for pool in plan.pools if pool.dollars_per_hour is not None]
    if priced:
        each = (
            f"{series.replicas(plan, pool.name)} * {series.literal(pool.dollars_per_hour or Fraction(0))}"
            for pool in priced
        )
        yield record(plan, SPEND, " + ".join(f"({one} or on() vector(0))" for one in each))


def alerts(plan: Plan) -> Iterator[Object]:
    for demand in plan.demands:
        yield from _of_demand(plan, demand)
    for pool in plan.pools:
        yield from _of_pool(plan, pool)
    for dependency in plan.dependencies:
        if any(call.callee == dependency.name for call in plan.calls):
            yield from _of_dependency(plan, dependency)
    for queue in plan.containment.queues:
        if queue.alert_above is not None:
            items = series.own(plan, "seatrial_queue_items", f"queue={series.text(queue.name)}")
            yield alert(
                plan,
                "QueueAboveItsAlert",
                f"max by (queue, shard) ({items}) > {queue.alert_above}",
                "page",
                f"a shard of queue {queue.name} holds more than {queue.alert_above} items",
                f"The spec asks to be told above {queue.alert_above} items in one shard; pool {queue.pool} takes them.",
                queue=queue.name,
            )
    yield from _of_money(plan)


def _of_demand(plan: Plan, demand: DemandPlan) -> Iterator[Object]:
    if not any(call.caller == demand.name for call in plan.calls):
        return
    rate = series.requests(series.incoming(plan, demand.name), RATE_S)
    peak = series.literal(demand.peak_per_second)
    yield alert(
        plan,
        "DemandAboveEnvelope",
        f"{rate} > {peak}",
        "ticket",
        f"{demand.name} asks for more than the {peak}/s that the spec was proved for",
        "No guarantee of the spec covers this demand. Raise the peak in the spec and check it again.",
        lasts="2m",
        demand=demand.name,
    )
    if demand.peak_for_seconds is not None and demand.peak_per_second > demand.steady_per_second:
        seconds = math.ceil(demand.peak_for_seconds)
        yield alert(
            plan,
            "PeakLastsTooLong",
            f"{rate} > {series.literal(demand.steady_per_second)}",
            "ticket",
            f"{demand.name} is above its steady level for longer than the spec assumes",
            f"A peak lasts {series.window(seconds)} by the spec; more was neither charged nor proved.",
            # For as long as it is taken over the rate is still above the level.
            lasts=series.window(seconds + RATE_S),
            demand=demand.name,
        )
    if demand.rise_per_second is not None:
        earlier = series.requests(series.incoming(plan, demand.name), RATE_S, ago=RATE_S)
        allowed = series.literal(demand.rise_per_second * RATE_S)
        yield alert(
            plan,
            "DemandRisesTooFast",
            f"{rate} - {earlier} > {allowed}",
            "ticket",
            f"{demand.name} rises faster than the spec assumes",
            f"It rose by more than {allowed}/s in {series.window(RATE_S)}; the autoscaler was proved to follow less.",
            demand=demand.name,
        )


def _of_pool(plan: Plan, pool: PoolPlan) -> Iterator[Object]:
    if pool.image is None:
        return
    if pool.scaling is not None and pool.agents_max > pool.agents_min:
        yield alert(
            plan,
            "PoolAtItsMaximum",
            f"{series.replicas(plan, pool.name)} >= {pool.agents_max}",
            "ticket",
            f"pool {pool.name} has its {pool.agents_max} agents and cannot grow",
            "Inside the demand that was proved this lasts no longer than a peak.",
            lasts="15m",
            pool=pool.name,
        )
    if pool.agents_min == 0:
        yield _of_nobody(plan, pool)
        return
    yield alert(
        plan,
        "TooFewAgents",
        f"{series.available(plan, pool.name)} < {pool.agents_min}",
        "page",
        f"pool {pool.name} has fewer agents ready than its minimum of {pool.agents_min}",
        "The guarantees count on the minimum, less what the spec says may fail.",
        lasts=f"{max(60, int(pool.startup_seconds) * 2)}s",
        pool=pool.name,
    )


def _of_nobody(plan: Plan, pool: PoolPlan) -> Object:
    """An empty pool is in order while nothing waits for it."""
    names = "|".join(queue.name for queue in plan.containment.queues if queue.pool == pool.name)
    items = series.own(plan, "seatrial_queue_items", f"queue=~{series.text(names)}")
    return alert(
        plan,
        "NobodyForTheQueue",
        f"(sum({items}) > 0) and on() ({series.available(plan, pool.name)} == 0)",
        "page",
        f"items wait for pool {pool.name}, and no agent is ready",
        "KEDA sees within half a minute that something waits; the first agent should have started since.",
        lasts=f"{max(60, math.ceil(first_ready_s(pool.startup_seconds)) * 2)}s",
        pool=pool.name,
    )


def _of_dependency(plan: Plan, dependency: DependencyPlan) -> Iterator[Object]:
    labels = series.outgoing(plan, dependency_host(dependency.name))
    if dependency.requests_per_second is not None:
        limit = series.literal(dependency.requests_per_second)
        yield alert(
            plan,
            "DependencyAtItsLimit",
            f"{series.requests(labels, RATE_S)} > {limit}",
            "page",
            f"the fleet sends {dependency.name} more than the {limit} requests/s that it takes",
            f"rate/{dependency.name} of `seatrial check` says whether that can happen inside the spec's demand.",
            dependency=dependency.name,
        )
    if dependency.latency_p99_seconds is not None:
        bound = series.literal(dependency.latency_p99_seconds * 1000)
        fast = series.outgoing(
            plan, dependency_host(dependency.name), series.faster_than(dependency.latency_p99_seconds)
        )
        yield alert(
            plan,
            "DependencySlowerThanAssumed",
            f"{series.slow_share(labels, fast, 1800)} > 0.01",
            "ticket",
            f"{dependency.name} is slower than the spec assumes",
            f"More than 1 % of its answers took over {bound} ms in half an hour; latencies were proved with less.",
            lasts="10m",
            dependency=dependency.name,
        )


def _of_money(plan: Plan) -> Iterator[Object]:
    if not any(pool.dollars_per_hour is not None for pool in plan.pools):
        return
    for budget in plan.budgets:
        if budget.scope.has_agents:
            hours = budget.period.hours
            limit = series.literal(budget.dollars)
            yield alert(
                plan,
                "BudgetWillNotLast",
                f"avg_over_time({SPEND}{{fleet={series.text(plan.fleet)}}}[1h]) * {hours} > {limit}",
                "ticket",
                f"agents alone cost more than the {budget.scope} budget of ${limit} a {budget.period}",
                "At the pace of the last hour; nodes and tokens come on top.",
                budget=f"{budget.scope}/{budget.period}",
            )


def called(plan: Plan) -> set[str]:
    return {call.callee for call in plan.calls if call.callee_kind is CalleeKind.DEPENDENCY}
