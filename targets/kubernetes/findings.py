"""What Kubernetes cannot do with a pool as it is written.

Turns a pool into ST7 diagnostics. Invariant: an error here means that the pool's manifests would be refused or useless.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.compiler.model import Signal
from seatrial.compiler.plan import Plan, PoolPlan, ScalingPlan
from seatrial.compiler.semantics.scaling import MAX_PERIOD_S, MAX_WINDOW_S
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..behavior import METRICS, percent_up
from ..calls import by_caller
from ..quantity import cpu, is_whole_percent, memory
from ..sidecar import CPU_REQUEST, MEMORY_REQUEST
from .network import is_closed, uses_dependency


def of_pool(pool: PoolPlan) -> Iterator[Diagnostic]:
    at = (Label(pool.origin),)
    if pool.image is None:
        yield Diagnostic(
            "ST7001",
            Severity.ERROR,
            f"kubernetes: pool {pool.name} has no image to run",
            at,
            help=f'write `image "registry.example/{pool.name}:1.0"`, or leave kubernetes out of `--target`',
        )
    if missing := _unstated(pool):
        yield Diagnostic(
            "ST7002",
            Severity.WARNING,
            f"kubernetes: pool {pool.name} does not say how much {' and '.join(missing)} an agent needs",
            at,
            notes=(
                f"its pods get no request and no limit for it, and the quota does not bound {' or '.join(missing)}",
            ),
            help="state both in `each { cpu 100m; memory 128Mi }`",
        )
    if pool.scaling is not None:
        yield from _of_scaling(pool, pool.scaling)


def of_an_empty(pool: PoolPlan) -> Diagnostic:
    """Nothing but KEDA starts its first agent."""
    return Diagnostic(
        "ST7012",
        Severity.ERROR,
        f"kubernetes: nothing would start the first agent of pool {pool.name}, which may be empty",
        (Label(pool.origin, f"from 0 to {pool.agents_max} agents"),),
        notes=(
            "a HorizontalPodAutoscaler has a minReplicas of 1 (0 is behind the feature gate HPAScaleToZero), and one "
            "that finds no replicas switches itself off",
        ),
        help=f"compile --with keda, or write `agents 1..{pool.agents_max}`",
    )


def of_signals(plan: Plan) -> Iterator[Diagnostic]:
    """One note a metric, however many pools want it: it is one thing to install."""
    wanting: dict[Signal, list[PoolPlan]] = {}
    for pool in plan.pools:
        if pool.scaling is not None and pool.scaling.signal is not Signal.CPU:
            wanting.setdefault(pool.scaling.signal, []).append(pool)
    for signal, pools in wanting.items():
        yield Diagnostic(
            "ST7007",
            Severity.NOTE,
            f"kubernetes: scaling on {signal.value} needs the metric {METRICS[signal]}",
            (Label(pools[0].origin),),
            notes=(
                *((f"it scales {', '.join(pool.name for pool in pools)}",) if len(pools) > 1 else ()),
                "Kubernetes measures only CPU and memory itself; an adapter must serve this one per pod",
            ),
            help="install an adapter for custom.metrics.k8s.io, or scale on cpu",
        )


def of_sidecars(plan: Plan) -> Iterator[Diagnostic]:
    """Where nodes are stated, what is injected takes room on them that nobody counted."""
    uncounted = [pool for pool in plan.pools if pool.cpu_cores is not None and pool.sidecar is None]
    if not plan.nodes or not uncounted:
        return
    asks = f"cpu {cpu(CPU_REQUEST)}, memory {memory(MEMORY_REQUEST)}"
    yield Diagnostic(
        "ST7013",
        Severity.NOTE,
        f"kubernetes: the sidecars of {', '.join(pool.name for pool in uncounted)} are not counted on the nodes",
        (Label(uncounted[0].origin),),
        notes=(f"Istio's proxy beside each agent asks for {asks}: what was proved of the nodes leaves it out",),
        help=f"write `sidecar {asks}` in `each`",
    )


def of_network(plan: Plan) -> Iterator[Diagnostic]:
    """Who is no part of the spec: what measures the agents, and dependencies, for which a policy takes addresses."""
    if not is_closed(plan):
        return
    measured = [pool.name for pool in plan.pools if pool.scaling is not None and pool.scaling.signal is not Signal.CPU]
    if measured:
        yield Diagnostic(
            "ST7043",
            Severity.NOTE,
            f"kubernetes: what scales {', '.join(measured)} cannot be scraped from its agents",
            (Label(plan.security[0].origin),),
            notes=("the NetworkPolicies let declared calls in and nobody else, and so no Prometheus",),
            help="let its namespace in to the port that it scrapes (15020 with Istio) by a NetworkPolicy besides",
        )
    outgoing = by_caller(plan)
    names = sorted(pool.name for pool in plan.pools if uses_dependency(pool, outgoing.get(pool.name, ())))
    if names:
        yield Diagnostic(
            "ST7042",
            Severity.NOTE,
            f"kubernetes: {', '.join(names)} may leave the cluster for any address",
            (Label(plan.security[0].origin),),
            notes=("a NetworkPolicy takes addresses, and the spec names none for a dependency",),
            help="set `ipBlock` in an overlay of its NetworkPolicy",
        )


def _unstated(pool: PoolPlan) -> list[str]:
    """Which of cpu and memory is missing; a cpu that the autoscaler needs is ST7003's to tell."""
    needed = pool.scaling is not None and pool.scaling.signal is Signal.CPU
    found = ["cpu"] if pool.cpu_cores is None and not needed else []
    return [*found, "memory"] if pool.memory_bytes is None else found


def _of_scaling(pool: PoolPlan, scaling: ScalingPlan) -> Iterator[Diagnostic]:
    at = (Label(pool.origin),)
    if scaling.signal is Signal.CPU and pool.cpu_cores is None:
        yield Diagnostic(
            "ST7003",
            Severity.ERROR,
            f"kubernetes: pool {pool.name} scales on cpu, a share of a request that is not stated",
            at,
            help="state `cpu …` in `each`",
        )
    yield from _bounds(pool, scaling)


def _bounds(pool: PoolPlan, scaling: ScalingPlan) -> Iterator[Diagnostic]:
    notes = [
        f"{name}: {value}s becomes {most}s"
        for name, value, most in (
            ("window up", scaling.up_window_seconds, MAX_WINDOW_S),
            ("window down", scaling.down_window_seconds, MAX_WINDOW_S),
            ("period up", scaling.up.period_seconds, MAX_PERIOD_S),
            ("period down", scaling.down.period_seconds, MAX_PERIOD_S),
        )
        if value > most
    ]
    if notes:
        yield Diagnostic(
            "ST7011",
            Severity.WARNING,
            f"kubernetes: the autoscaler of pool {pool.name} cannot look back that far",
            (Label(pool.origin),),
            notes=tuple(notes),
            help="keep `up` and `down` within 1h and a step's period within 30m",
        )
    shares = [("step up", scaling.up.share), ("step down", scaling.down.share)]
    if scaling.signal is Signal.CPU:
        shares.append(("target", scaling.target))
    rounded = tuple(
        f"{name}: {float(share * 100):.9g}% becomes {percent_up(share)}%"
        for name, share in shares
        if not is_whole_percent(share) or share == 0
    )
    if rounded:
        yield Diagnostic(
            "ST7005",
            Severity.NOTE,
            f"kubernetes: some values of pool {pool.name} are rounded",
            (Label(pool.origin),),
            notes=rounded,
            help="an autoscaler takes whole per cent above 0",
        )
