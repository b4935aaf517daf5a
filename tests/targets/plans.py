"""Plans made by hand, as the compiler's other end would hand them over."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from seatrial.compiler.model import CalleeKind, CallerKind, FaultKind, Loss, Period, QueueOrder, Route, Scope, Signal
from seatrial.compiler.model.money import Fairness
from seatrial.compiler.plan import (
    BreakPlan,
    BudgetPlan,
    CallPlan,
    CostObjective,
    DemandPlan,
    DependencyPlan,
    HealthPlan,
    HoldPlan,
    LatencyObjective,
    LimitPlan,
    NodesPlan,
    Plan,
    PoolPlan,
    QuorumPlan,
    RecoveryObjective,
    RetryPlan,
    ScalingPlan,
    ShedOnFailurePlan,
    ShedOnLatencyPlan,
    StepPolicy,
    SuccessObjective,
)
from seatrial.compiler.plan_containment import Containment, QueuePlan
from seatrial.compiler.plan_money import QuotaPlan, TenantPlan
from seatrial.compiler.plan_order import SecurityPlan
from seatrial.dsl.source import Source, Span

F = Fraction
SOURCE = Source("support.fleet", "fleet support {}\n")
AT = Span(SOURCE, 0, 5)
NO_RETRY = RetryPlan(attempts=0, backoff_seconds=F(1, 40), backoff_cap_seconds=F(1, 4), budget_share=None)
STEP = StepPolicy(share=F(1), period_seconds=15)


def pool(name: str, **changes: object) -> PoolPlan:
    """A pool of 2 to 10 small agents on any node, with nothing else said."""
    base = PoolPlan(
        name=name,
        agents_min=2,
        agents_max=10,
        image=f"registry.example/{name}:1.0",
        run=None,
        on=(),
        cpu_cores=F(1, 10),
        memory_bytes=128 << 20,
        concurrency=8,
        service_mean_seconds=F(4, 100),
        service_p99_seconds=F(15, 100),
        startup_seconds=F(5),
        holds=(),
        scaling=None,
        health=None,
        disruption_min_available=None,
        drain_seconds=30,
        priority=0,
        surge=3,
        origin=AT,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def call(caller: str, callee: str, **changes: object) -> CallPlan:
    """A call from pool to pool, once a request, with no policy."""
    base = CallPlan(
        caller_kind=CallerKind.POOL,
        caller=caller,
        callee_kind=CalleeKind.POOL,
        callee=callee,
        per_request=F(1),
        tokens_per_call=None,
        timeout_seconds=None,
        try_timeout_seconds=None,
        retry=NO_RETRY,
        breaker=None,
        limit=None,
        shed_on_failure=None,
        shed_on_latency=None,
        route=Route.LEAST_LOADED,
        route_header=None,
        origin=AT,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def dependency(name: str, **changes: object) -> DependencyPlan:
    return replace(DependencyPlan(name, None, None, None, None, None, AT), **changes)  # type: ignore[arg-type]


def demand(name: str) -> DemandPlan:
    return DemandPlan(name, F(400), F(1000), F(600), F(200, 60), 100, (), AT)


def fleet(**changes: object) -> Plan:
    """A fleet with a name and nothing in it."""
    base = Plan(
        fleet="support",
        title="Support desk",
        version="0.1.0",
        digest="3f" * 32,
        nodes=(),
        survive=(),
        demands=(),
        dependencies=(),
        pools=(),
        calls=(),
        budgets=(),
        quorums=(),
        latency=(),
        success=(),
        recovery=(),
        cost=(),
        trials=(),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def small() -> Plan:
    """One demand, one pool of fixed size, no policy at all."""
    return fleet(
        fleet="plain",
        title="",
        demands=(demand("clicks"),),
        pools=(pool("worker", agents_min=3, agents_max=3, surge=1),),
        calls=(call("clicks", "worker", caller_kind=CallerKind.DEMAND),),
    )


def support() -> Plan:
    """Every clause of the language's first part at least once."""
    triage = pool(
        "triage",
        agents_min=20,
        agents_max=120,
        image="registry.example/triage:1.9",
        run="python my_agent.py --port {port}",
        on=("general",),
        service_mean_seconds=F(6, 100),
        service_p99_seconds=F(2, 10),
        holds=(HoldPlan("postgres", 1),),
        scaling=ScalingPlan(Signal.BUSY, F(6, 10), 0, 300, STEP, STEP),
        health=HealthPlan(10, 3),
        disruption_min_available=18,
        priority=100,
        surge=30,
    )
    resolver = pool(
        "resolver",
        agents_min=10,
        agents_max=80,
        scaling=ScalingPlan(Signal.CPU, F(7, 10), 0, 300, STEP, StepPolicy(F(1, 10), 60)),
        health=HealthPlan(2, 2),
        surge=20,
    )
    serves = call(
        "tickets",
        "triage",
        caller_kind=CallerKind.DEMAND,
        timeout_seconds=F(4),
        retry=RetryPlan(2, F(25, 1000), F(250, 1000), F(1, 5)),
    )
    asks = call(
        "triage",
        "resolver",
        per_request=F(2, 5),
        timeout_seconds=F(2),
        try_timeout_seconds=F(8, 10),
        retry=RetryPlan(3, F(50, 1000), F(400, 1000), F(1, 5)),
        breaker=BreakPlan(None, F(8, 10), F(30), F(1, 2), F(30)),
        limit=LimitPlan(1000, 5000, 100),
        shed_on_failure=ShedOnFailurePlan(F(7, 10), F(30)),
        shed_on_latency=ShedOnLatencyPlan(-100, F(95, 100), F(5)),
    )
    thinks = call(
        "resolver",
        "llm",
        callee_kind=CalleeKind.DEPENDENCY,
        tokens_per_call=F(600),
        timeout_seconds=F(1),
        breaker=BreakPlan(5, None, F(10), F(1, 3), F(15)),
        route=Route.BY_HEADER,
        route_header="x-customer",
    )
    return fleet(
        nodes=(NodesPlan("general", 3, 12, F(16), 64 << 30, 110, 3, F(68, 100), AT),),
        survive=((1, Loss.ZONE),),
        demands=(demand("tickets"),),
        dependencies=(
            dependency(
                "llm",
                requests_per_second=F(4000),
                tokens_per_second=F(10_000_000, 60),
                latency_p50_seconds=F(8, 100),
                latency_p99_seconds=F(4, 10),
            ),
            dependency("postgres", connections=400, latency_p50_seconds=F(4, 1000), latency_p99_seconds=F(2, 100)),
        ),
        pools=(triage, resolver),
        calls=(serves, asks, thinks),
        budgets=(BudgetPlan(Scope.COMPUTE, F(50_000), Period.DAY, AT),),
        quorums=(QuorumPlan("rebalance", "resolver", 5, 4, 1, FaultKind.CRASHED, F(5), AT),),
        latency=(LatencyObjective("latency/tickets/p95", "tickets", F(95, 100), F(1), F(7, 10), AT),),
        success=(SuccessObjective("success/tickets", "tickets", F(999, 1000), F(2_592_000), AT),),
        recovery=(RecoveryObjective("recovery", F(30), AT),),
        cost=(CostObjective("cost", F(1_500_000), Period.MONTH, AT),),
    )


def locked() -> Plan:
    """Security in full: a gateway, two pools and a dependency, and nothing that is not declared."""
    return fleet(
        fleet="locked",
        demands=(demand("tickets"),),
        dependencies=(dependency("llm"),),
        pools=(pool("desk"), pool("solver")),
        calls=(
            call("tickets", "desk", caller_kind=CallerKind.DEMAND),
            call("desk", "solver"),
            call("solver", "llm", callee_kind=CalleeKind.DEPENDENCY),
        ),
        security=(SecurityPlan(True, True, True, within=(), entering=(), origin=AT),),
    )


def tenant(name: str, sure: F | None, **changes: object) -> TenantPlan:
    return replace(TenantPlan(name, F(1), 0, None, None, sure), **changes)  # type: ignore[arg-type]


def quota(*tenants: TenantPlan, **changes: object) -> QuotaPlan:
    """A million tokens a minute of llm, divided max-min, charged after the call; 80 requests in hand of 600 each."""
    base = QuotaPlan(
        dependency="llm",
        what="tokens",
        per_second=F(1_000_000, 60),
        period_seconds=60,
        fair=Fairness.MAX_MIN,
        charge_after=True,
        stop_when_used_up=True,
        tenants=tenants,
        in_hand=80,
        overshoot=F(48_000),
        origin=AT,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def queue(name: str, pool: str, **changes: object) -> QueuePlan:
    base = QueuePlan(
        name=name,
        pool=pool,
        shards=10,
        by_skill=False,
        order=QueueOrder.ARRIVAL,
        alert_above=None,
        age_seconds=None,
        batch=1,
        bound=None,
        origin=AT,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def shared() -> Plan:
    """A model that tenants share, a queue in shards, and calls with every clause that a sidecar of others may have."""
    asks = call(
        "clerk",
        "solver",
        timeout_seconds=F(2),
        try_timeout_seconds=F(8, 10),
        retry=RetryPlan(2, F(50, 1000), F(400, 1000), F(1, 5)),
        shed_on_failure=ShedOnFailurePlan(F(7, 10), F(30)),
        route=Route.ROUND_ROBIN,
    )
    thinks = call(
        "solver",
        "llm",
        callee_kind=CalleeKind.DEPENDENCY,
        tokens_per_call=F(600),
        timeout_seconds=F(1),
        breaker=BreakPlan(5, None, F(10), F(1, 3), F(15)),
    )
    return fleet(
        fleet="shared",
        demands=(demand("tickets"),),
        dependencies=(
            dependency(
                "llm",
                requests_per_second=F(100),
                tokens_per_second=F(2_000_000, 60),
                dollars_per_token=F(2, 1_000_000),
            ),
        ),
        pools=(pool("clerk"), pool("solver", agents_min=10, agents_max=10)),
        calls=(call("tickets", "clerk", caller_kind=CallerKind.DEMAND), asks, thinks),
        budgets=(BudgetPlan(Scope.TOKENS, F(500), Period.DAY, AT),),
        quotas=(
            quota(
                tenant("acme", F(500_000, 60)),
                tenant("zenith", F(500_000, 60)),
            ),
        ),
        containment=Containment(queues=(queue("work", "solver", age_seconds=F(3600)),)),
    )
