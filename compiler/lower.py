"""Model -> plan: every value decided, nothing left to a platform's default where the meaning depends on it.

Invariant: the plan depends on the model and the findings alone, in the order of the spec, and names no target.
"""

from __future__ import annotations

import math
from fractions import Fraction

from . import lower_money, lower_order
from . import model as m
from . import plan as p
from .lower_containment import lower_containment
from .lower_trials import lower_trial
from .plan_rates import AdmitPlan, WarmUpPlan
from .semantics import disruption, quorum, updates
from .semantics.activation import cooldown_s
from .verify import Finding
from .verify.flows.pods import most_pods


def quoted(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Those whose bound is part of a plan. That of a proved one is worked out when it is read: others are left be."""
    return tuple(finding for finding in findings if finding.id.startswith("latency/"))


def lower(fleet: m.Fleet, findings: tuple[Finding, ...], version: str, digest: str) -> p.Plan:
    proved = {finding.id: finding for finding in quoted(findings)}
    return p.Plan(
        fleet=fleet.name,
        title=fleet.title,
        version=version,
        digest=digest,
        nodes=tuple(_nodes(one) for one in fleet.nodes),
        survive=tuple((one.count.value, one.what) for one in fleet.survive),
        demands=tuple(_demand(one) for one in fleet.demands),
        dependencies=tuple(_dependency(one) for one in fleet.dependencies),
        pools=tuple(_pool(one) for one in fleet.pools),
        calls=tuple(_call(one) for one in fleet.calls),
        budgets=tuple(p.BudgetPlan(one.scope, one.dollars.value, one.period, one.at) for one in fleet.budgets),
        quorums=tuple(_quorum(one) for one in fleet.consensuses),
        latency=tuple(objective for one in fleet.latency for objective in _latency(one, fleet, proved)),
        success=tuple(
            p.SuccessObjective(f"success/{demand}", demand, one.share.value, one.over_seconds.value, one.at)
            for one in fleet.success
            for demand in _demands_of(one.demand, fleet)
        ),
        recovery=tuple(p.RecoveryObjective("recovery", one.within_seconds.value, one.at) for one in fleet.recovery),
        cost=tuple(
            p.CostObjective(f"cost/{one.period.value}", one.dollars.value, one.period, one.at) for one in fleet.cost
        ),
        trials=tuple(lower_trial(one, fleet) for one in fleet.trials),
        containment=lower_containment(fleet),
        divisions=lower_money.divisions(fleet),
        quotas=lower_money.quotas(fleet),
        auctions=lower_money.auctions(fleet),
        contracts=lower_money.contracts(fleet),
        economics=lower_money.economics(fleet),
        bills=lower_money.bills(fleet),
        votes=lower_order.votes(fleet),
        organisations=lower_order.organisations(fleet),
        patterns=lower_order.patterns(fleet),
        negotiations=lower_order.negotiations(fleet),
        crises=lower_order.crises(fleet),
        roles=lower_order.roles(fleet),
        approvals=lower_order.approvals(fleet),
        stops=lower_order.stops(fleet),
        audits=lower_order.audits(fleet),
        security=lower_order.security(fleet),
        origin=fleet.at,
    )


def _demands_of(demand: m.Stated[str] | None, fleet: m.Fleet) -> tuple[str, ...]:
    return (demand.value,) if demand is not None else tuple(one.name for one in fleet.demands)


def _nodes(one: m.Nodes) -> p.NodesPlan:
    return p.NodesPlan(
        name=one.name,
        count_min=one.count_min.value,
        count_max=one.count_max.value,
        cpu_cores=one.cpu_cores.value,
        memory_bytes=one.memory_bytes.value,
        pods_each=one.pods_each.value,
        zones=one.zones.value,
        dollars_per_hour=_value(one.dollars_per_hour),
        origin=one.at,
        gpus=one.gpus.value if one.gpus is not None else None,
    )


def _demand(one: m.Demand) -> p.DemandPlan:
    return p.DemandPlan(
        name=one.name,
        steady_per_second=one.steady_per_second.value,
        peak_per_second=one.peak_per_second.value,
        peak_for_seconds=_value(one.peak_for_seconds),
        rise_per_second=_value(one.rise_per_second),
        priority=one.priority.value if one.priority is not None else 0,
        arrivals_seconds=one.trace.arrivals_seconds if one.trace is not None else (),
        origin=one.at,
        peak_every_seconds=_value(one.peak_every_seconds),
    )


def _dependency(one: m.Dependency) -> p.DependencyPlan:
    return p.DependencyPlan(
        name=one.name,
        requests_per_second=_value(one.requests_per_second),
        tokens_per_second=_value(one.tokens_per_second),
        connections=one.connections.value if one.connections is not None else None,
        latency_p50_seconds=_value(one.latency_p50_seconds),
        latency_p99_seconds=_value(one.latency_p99_seconds),
        origin=one.at,
        dollars_per_token=_value(one.dollars_per_token),
        requests_period_seconds=one.requests_period_seconds,
        tokens_period_seconds=one.tokens_period_seconds,
    )


def _pool(one: m.Pool) -> p.PoolPlan:
    each = one.each
    agents_max = one.agents_most.value
    return p.PoolPlan(
        name=one.name,
        agents_min=one.agents_min.value,
        agents_max=agents_max,
        image=one.image.value if one.image is not None else None,
        run=one.run.value if one.run is not None else None,
        on=tuple(name.value for name in one.on),
        cpu_cores=_value(each.cpu_cores),
        memory_bytes=each.memory_bytes.value if each.memory_bytes is not None else None,
        concurrency=each.concurrency.value,
        service_mean_seconds=_value(each.service_mean_seconds),
        service_p99_seconds=_value(each.service_p99_seconds),
        startup_seconds=each.startup_seconds.value,
        holds=tuple(p.HoldPlan(hold.dependency, hold.connections.value) for hold in each.holds),
        scaling=_scaling(one.scaling) if one.scaling is not None else None,
        health=None
        if one.health is None
        else p.HealthPlan(
            math.ceil(one.health.every_seconds.value), one.health.fails_after.value, _whole(one.health.behind_seconds)
        ),
        disruption_min_available=_min_available(one),
        drain_seconds=math.ceil(one.drain_seconds.value),
        priority=one.priority.value if one.priority is not None else 0,
        surge=updates.surge(agents_max),
        origin=one.at,
        dollars_per_hour=_value(each.dollars_per_hour),
        gpus=each.gpus.value if each.gpus is not None else None,
        startup_limit_seconds=_whole(each.start_limit_seconds),
        sidecar=None
        if each.sidecar is None
        else p.SidecarPlan(each.sidecar.cpu_cores.value, each.sidecar.memory_bytes.value),
        leaving=most_pods(one) - updates.placed_pods(agents_max),
    )


def _whole(seconds: m.Stated[Fraction] | None) -> int | None:
    """Rounded up: what is given a little more time is not given up too early."""
    return None if seconds is None else math.ceil(seconds.value)


def _min_available(pool: m.Pool) -> int | None:
    if pool.disruption is None:
        return None
    minimum = pool.agents_min.value
    if pool.disruption.share is not None:
        return disruption.min_available(minimum, pool.disruption.share.value)
    assert pool.disruption.count is not None
    return max(0, minimum - pool.disruption.count.value)


def _scaling(one: m.Scaling) -> p.ScalingPlan:
    step = p.StepPolicy(one.step_share.value, math.ceil(one.step_period_seconds.value))
    return p.ScalingPlan(
        signal=one.signal,
        target=one.target.value,
        up_window_seconds=0,
        down_window_seconds=cooldown_s(one.down_over_seconds.value),
        up=step,
        down=step,
    )


def _call(one: m.Call) -> p.CallPlan:
    policy = one.policy
    return p.CallPlan(
        caller_kind=one.caller_kind,
        caller=one.caller,
        callee_kind=one.callee_kind,
        callee=one.callee,
        per_request=one.per_request.value,
        tokens_per_call=_value(one.tokens_per_call),
        timeout_seconds=_value(policy.timeout_seconds),
        try_timeout_seconds=_value(policy.try_timeout_seconds),
        retry=_retry(policy.retry),
        breaker=None if policy.breaker is None else _breaker(policy.breaker),
        limit=None
        if policy.limit is None
        else p.LimitPlan(
            *(None if one is None else one.value for one in _limits(policy.limit)),
        ),
        shed_on_failure=None
        if policy.shed_on_failure is None
        else p.ShedOnFailurePlan(policy.shed_on_failure.success_below.value, policy.shed_on_failure.over_seconds.value),
        shed_on_latency=None
        if policy.shed_on_latency is None
        else p.ShedOnLatencyPlan(
            policy.shed_on_latency.priority.value,
            policy.shed_on_latency.quantile.value,
            policy.shed_on_latency.above_seconds.value,
        ),
        route=policy.route.value,
        route_header=policy.route_header.value if policy.route_header is not None else None,
        origin=one.at,
        bytes_per_call=_value(one.bytes_per_call),
        admit=None if policy.admit is None else AdmitPlan(policy.admit.per_second.value, policy.admit.depth),
        warm_up=None
        if policy.warm_up is None
        else WarmUpPlan(policy.warm_up.over_seconds.value, policy.warm_up.from_share.value),
    )


def _limits(limit: m.Limit) -> tuple[m.Stated[int] | None, m.Stated[int] | None, m.Stated[int] | None]:
    return limit.pending, limit.in_flight, limit.connections


def _retry(retry: m.Retry | None) -> p.RetryPlan:
    """No retry clause means no retries, which Istio must be told: its own default is two."""
    if retry is None:
        return p.RetryPlan(0, Fraction(25, 1000), Fraction(250, 1000), None)
    return p.RetryPlan(
        attempts=retry.attempts.value,
        backoff_seconds=retry.backoff_seconds.value,
        backoff_cap_seconds=retry.backoff_cap_seconds.value,
        budget_share=_value(retry.budget_share),
        backoff_factor=retry.backoff_factor.value,
    )


def _breaker(breaker: m.Break) -> p.BreakPlan:
    return p.BreakPlan(
        errors=breaker.errors.value if breaker.errors is not None else None,
        success_below=_value(breaker.success_below),
        over_seconds=breaker.over_seconds.value,
        eject_share=breaker.eject_share.value,
        eject_for_seconds=breaker.eject_for_seconds.value,
    )


def _quorum(one: m.Consensus) -> p.QuorumPlan:
    return p.QuorumPlan(
        name=one.name,
        pool=one.pool.value,
        members=one.members.value,
        votes_needed=quorum.quorum_size(one.members.value, one.majority.value),
        tolerate=one.tolerate.value,
        fault=one.fault,
        within_seconds=_value(one.within_seconds),
        origin=one.at,
    )


def _latency(one: m.LatencyGuarantee, fleet: m.Fleet, proved: dict[str, Finding]) -> tuple[p.LatencyObjective, ...]:
    objectives: list[p.LatencyObjective] = []
    for demand in _demands_of(one.demand, fleet):
        for quantile, limit in one.bounds:
            name = f"latency/{demand}/{quantile.span.text}"
            bound = proved[name].bound if name in proved else None
            objectives.append(p.LatencyObjective(name, demand, quantile.value, limit.value, bound, one.at))
    return tuple(objectives)


def _value(stated: m.Stated[Fraction] | None) -> Fraction | None:
    return None if stated is None else stated.value
