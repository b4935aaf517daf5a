"""Autoscaling on cpu: when the pool stalls, the metric still tells that it is full."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from ...model import Call, Pool, Scaling, Signal
from ...semantics.retries import worst_duration
from ..exact.expression import Expression, Leaf, Order, Relation, derived
from ..flows import leaves
from ..flows.analysis import Analysis
from ..flows.deadlines import backoff_of
from ..obligation import Addition, Condition, Obligation
from ..words import listed, seconds, share


def stalls(analysis: Analysis) -> list[Obligation]:
    found = []
    for pool in analysis.fleet.pools:
        scaling = pool.scaling
        id = f"scaling/{pool.name}/stall"
        if scaling is not None and scaling.signal is Signal.CPU and analysis.wants(id):
            found += _seen(analysis, pool, scaling, id)
    return found


def _seen(analysis: Analysis, pool: Pool, scaling: Scaling, id: str) -> list[Obligation]:
    """Unsatisfiable iff an agent whose slots are all taken by requests that wait for a call until its deadline uses
    less cpu than the autoscaler aims at: it then removes agents from a pool that is full.

    A slot is at work for at most the service time of each request, and on at most one core; it waits for the longest
    time of the slowest call. So cpu <= slots x service / (service + wait), against target x cpu asked for. Source:
    Kubernetes, "Horizontal Pod Autoscaling" (a share of the requested cpu); Slack, "Slack's Outage on January 4th 2021"
    (threads waited on the network, cpu fell, and servers were removed). Limits: an agent that spins while it waits; the
    others of its calls take no time.
    """
    calls = [(call, _longest(call)) for call in analysis.out(pool.name)]
    if not calls:
        return []
    target = Leaf(f"target of {pool.name}", scaling.target, f"aims at {share(scaling.target.value)} cpu", positive=True)
    service, cores, slots = leaves.service_mean(pool), leaves.cpu(pool), leaves.concurrency(pool)
    missing = [
        text for leaf, text in ((service, "its service time"), (cores, "its cpu")) if leaf is None or leaf.number == 0
    ]
    claim = f"{pool.name} is not taken for idle while its agents wait"
    if missing or service is None or cores is None:
        gap = f"{pool.name} does not state {listed(missing)}"
        return [Obligation(id, claim, scaling.at, "ST5105", must=(), gap=gap)]
    endless = [call.name for call, longest in calls if longest is None]
    slowest, longest = max(((call, longest or Fraction(0)) for call, longest in calls), key=lambda one: one[1])
    basis = [one for one in (leaves.timeout(slowest), leaves.try_timeout(slowest)) if one is not None]
    wait: Expression = derived(f"longest wait of {pool.name}", longest, [*basis, *leaves.retry(slowest)])
    if endless:
        use = Fraction(0)
        told = f"while {endless[0]}, which has no timeout, is not answered, a full agent of {pool.name} uses no cpu"
        relation = Relation(target, Order.AT_MOST, derived(f"cpu of a stalled {pool.name}", 0, [slots]))
    else:
        use = slots.number * service.number / (service.number + longest) / cores.number
        told = (
            f"while {slowest.name} is not answered for {seconds(longest)}, a full agent of {pool.name} uses at most "
            f"{share(use)} of its cpu"
        )
        relation = Relation(target * cores * (service + wait), Order.AT_MOST, slots * service)
    aim = f"the autoscaler aims at {share(target.number)}"
    broken = f"{told}; {aim}: it takes the full pool for idle and removes agents"
    gap = ""
    if use >= target.number:
        gap = f"{told}, {aim}; how much a request really uses is not stated; `scale on busy` counts slots"
    return [
        Obligation(
            id=id,
            claim=claim,
            at=scaling.at,
            code="ST5105",
            must=(Condition(relation, broken, ""),),
            gap=gap,
            additions=(_in_slots(analysis, pool, scaling),),
        )
    ]


def _in_slots(analysis: Analysis, pool: Pool, scaling: Scaling) -> Addition:
    """The same target, of slots instead of cpu."""
    told = f"write `scale on busy {share(scaling.target.value).replace(' ', '')}` in {pool.name}, which counts slots"
    other = replace(pool, scaling=replace(scaling, signal=Signal.BUSY))
    pools = tuple(other if one is pool else one for one in analysis.fleet.pools)
    return Addition(told, replace(analysis.fleet, pools=pools), instead=True)


def _longest(call: Call) -> Fraction | None:
    policy, retry = call.policy, call.policy.retry
    return worst_duration(
        policy.timeout_seconds.value if policy.timeout_seconds else None,
        policy.try_timeout_seconds.value if policy.try_timeout_seconds else None,
        retry.attempts.value if retry else 0,
        backoff_of(call),
    )
