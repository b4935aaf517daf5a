"""The model's literals -> leaves with a name and a few words on what each demands.

Invariant: a name is unique in a fleet and made of the user's own names, so that order and place do not matter.
"""

from __future__ import annotations

import re
from fractions import Fraction

from ...model import Call, Consensus, Demand, Dependency, Nodes, Pool, Scaling, Stated, WorkQueue
from ...semantics.probes import grace
from ..exact.expression import Derived, Expression, Leaf, derived
from ..words import counted, dollars, number, per_time, seconds, share, size

_TIMES = {"s": 1, "min": 60, "h": 3600, "day": 86_400}


def agents_max(pool: Pool) -> Leaf:
    """As many as there will ever be."""
    if pool.agents_min == pool.agents_most:
        return _agents(pool)
    said = f"up to {counted(pool.agents_max.value, 'agent')}"
    return Leaf(f"maximum agents of {pool.name}", pool.agents_max, said, positive=True)


def agents_min(pool: Pool) -> Leaf:
    if pool.agents_min == pool.agents_most:
        return _agents(pool)
    said = f"as few as {counted(pool.agents_min.value, 'agent')}"
    return Leaf(f"minimum agents of {pool.name}", pool.agents_min, said, positive=not pool.may_be_empty)


def _agents(pool: Pool) -> Leaf:
    """Of a size that never changes."""
    return Leaf(f"agents of {pool.name}", pool.agents_min, counted(pool.agents_min.value, "agent"), positive=True)


def as_written(rate: Fraction, stated: Stated[int] | Stated[Fraction], what: str = "") -> str:
    """A rate per second, told per minute, hour or day where the literal was written so."""
    literal = re.fullmatch(r"[0-9_.]+[kMGT]?/(s|min|h|day)", stated.span.text)
    clause = re.search(rf"\b{what}/(min|h)\b", stated.clause) if what else None
    unit = literal[1] if literal is not None else clause[1] if clause is not None else "s"
    return per_time(rate, what, unit, _TIMES[unit])


def concurrency(pool: Pool) -> Leaf:
    said = f"{counted(pool.each.concurrency.value, 'request')} at once in each"
    return Leaf(f"concurrency of {pool.name}", pool.each.concurrency, said, positive=True)


def service_mean(pool: Pool) -> Leaf | None:
    stated = pool.each.service_mean_seconds
    return (
        assumed(f"mean service time of {pool.name}", stated, f"takes {seconds(stated.value)} on average")
        if stated
        else None
    )


def service_p99(pool: Pool) -> Leaf | None:
    stated = pool.each.service_p99_seconds
    return (
        assumed(f"p99 service time of {pool.name}", stated, f"takes up to {seconds(stated.value)} at p99")
        if stated
        else None
    )


def startup(pool: Pool) -> Leaf:
    stated = pool.each.startup_seconds
    return assumed(f"start-up time of {pool.name}", stated, f"needs {seconds(stated.value)} to start")


def drain(pool: Pool) -> Leaf:
    return Leaf(f"drain of {pool.name}", pool.drain_seconds, f"drains for {seconds(pool.drain_seconds.value)}")


def leaving(pool: Pool) -> Derived:
    """Seconds from the word to leave until an agent has left at the latest."""
    return derived(f"time of {pool.name} to leave", grace(pool.drain_seconds.value), [drain(pool)])


def cpu(pool: Pool) -> Leaf | None:
    stated = pool.each.cpu_cores
    return Leaf(f"cpu of each {pool.name}", stated, f"{number(stated.value)} cores each") if stated else None


def memory(pool: Pool) -> Leaf | None:
    stated = pool.each.memory_bytes
    return Leaf(f"memory of each {pool.name}", stated, f"{size(stated.value)} each") if stated else None


def pod_cpu(pool: Pool) -> Expression | None:
    """Of an agent and the sidecar that is stated."""
    own, beside = cpu(pool), sidecar(pool)
    return own if own is None or beside is None else own + beside[0]


def pod_memory(pool: Pool) -> Expression | None:
    own, beside = memory(pool), sidecar(pool)
    return own if own is None or beside is None else own + beside[1]


def of_pod(pool: Pool) -> list[Leaf]:
    """The literals that its size rests on."""
    return [leaf for leaf in (cpu(pool), memory(pool), *(sidecar(pool) or ())) if leaf is not None]


def sidecar(pool: Pool) -> tuple[Leaf, Leaf] | None:
    stated = pool.each.sidecar
    if stated is None:
        return None
    cores, bytes_, beside = stated.cpu_cores, stated.memory_bytes, f"the sidecar of each {pool.name}"
    return (
        Leaf(f"cpu of {beside}", cores, f"{number(cores.value)} cores for each sidecar"),
        Leaf(f"memory of {beside}", bytes_, f"{size(bytes_.value)} for each sidecar"),
    )


def agent_price(pool: Pool) -> Leaf | None:
    stated = pool.each.dollars_per_hour
    return assumed(f"price of each {pool.name}", stated, f"{dollars(stated.value)} an hour each") if stated else None


def steady(demand: Demand) -> Leaf:
    stated = demand.steady_per_second
    if stated == demand.peak_per_second:
        return _always(demand)
    return assumed(f"steady demand of {demand.name}", stated, f"{as_written(stated.value, stated)} steadily")


def peak(demand: Demand) -> Leaf:
    stated = demand.peak_per_second
    if stated == demand.steady_per_second:
        return _always(demand)
    return assumed(f"peak demand of {demand.name}", stated, f"{as_written(stated.value, stated)} at the peak")


def _always(demand: Demand) -> Leaf:
    """Of a level that never changes."""
    stated = demand.steady_per_second
    return assumed(f"demand of {demand.name}", stated, as_written(stated.value, stated))


def spell(demand: Demand) -> list[Leaf]:
    """How long a peak lasts and how often one begins, as far as that is stated."""
    lasts, every = demand.peak_for_seconds, demand.peak_every_seconds
    found = []
    if lasts is not None:
        found.append(assumed(f"length of the peak of {demand.name}", lasts, f"for {seconds(lasts.value)}"))
    if every is not None:
        found.append(assumed(f"time between peaks of {demand.name}", every, f"every {seconds(every.value)}"))
    return found


def rise(demand: Demand) -> Leaf | None:
    stated = demand.rise_per_second
    said = f"rises by at most {per_time(stated.value * 60, '', 's', 1)} in a minute" if stated else ""
    return assumed(f"slope of {demand.name}", stated, said) if stated else None


def step(pool: Pool) -> tuple[Leaf, ...]:
    """How fast the autoscaler may go."""
    scaling = pool.scaling
    if scaling is None:
        return ()
    added, period = scaling.step_share, scaling.step_period_seconds
    return (
        Leaf(f"step of {pool.name}", added, f"adds at most {share(added.value)} at once", positive=True),
        Leaf(f"pause between steps of {pool.name}", period, f"once in {seconds(period.value)}", positive=True),
    )


def down_over(pool: str, scaling: Scaling) -> Leaf:
    stated = scaling.down_over_seconds
    return Leaf(f"scale-down window of {pool}", stated, f"removes agents after {seconds(stated.value)}")


def target(pool: Pool, said: str) -> Leaf | None:
    scaling = pool.scaling
    return Leaf(f"target of {pool.name}", scaling.target, said, positive=True) if scaling is not None else None


def per_request(call: Call) -> Leaf:
    said = f"{counted(call.per_request.value, 'call')} per request"
    return assumed(f"calls per request of {call.name}", call.per_request, said)


def most_per_request(call: Call) -> Leaf:
    """While caches are empty, where that is more."""
    cold = call.cold_per_request
    if cold is None or cold.value <= call.per_request.value:
        return per_request(call)
    said = f"{counted(cold.value, 'call')} per request while caches are empty"
    return assumed(f"cold calls per request of {call.name}", cold, said)


def tokens(call: Call) -> Leaf | None:
    stated = call.tokens_per_call
    return assumed(f"tokens of {call.name}", stated, f"{number(stated.value)} tokens per call") if stated else None


def timeout(call: Call) -> Leaf | None:
    stated = call.policy.timeout_seconds
    said = f"gives up after {seconds(stated.value)}" if stated else ""
    return Leaf(f"timeout of {call.name}", stated, said, positive=True) if stated else None


def try_timeout(call: Call) -> Leaf | None:
    stated = call.policy.try_timeout_seconds
    said = f"a try may take {seconds(stated.value)}" if stated else ""
    return Leaf(f"try timeout of {call.name}", stated, said, positive=True) if stated else None


def patience(call: Call) -> Leaf | None:
    """`Policy.patience_seconds`."""
    return try_timeout(call) or timeout(call)


def retry(call: Call) -> tuple[Leaf, ...]:
    """How often is retried and what limits it."""
    policy = call.policy.retry
    if policy is None:
        return ()
    said = counted(policy.attempts.value, "retry", "retries")
    attempts = Leaf(f"retries of {call.name}", policy.attempts, said, may_be_zero=True)
    if policy.budget_share is None:
        return (attempts,)
    said = f"retries are at most {share(policy.budget_share.value)} of what is under way"
    return (attempts, Leaf(f"retry budget of {call.name}", policy.budget_share, said))


def backoffs(call: Call) -> tuple[Leaf, ...]:
    policy = call.policy.retry
    if policy is None:
        return ()
    base, factor, cap = policy.backoff_seconds, policy.backoff_factor, policy.backoff_cap_seconds
    return (
        Leaf(f"back-off of {call.name}", base, f"waits {seconds(base.value)} before the first retry"),
        Leaf(f"back-off factor of {call.name}", factor, f"times {number(factor.value)} for each further one"),
        Leaf(f"longest back-off of {call.name}", cap, f"waits at most {seconds(cap.value)}"),
    )


def node_count(nodes: Nodes) -> Leaf:
    return Leaf(f"maximum count of {nodes.name}", nodes.count_max, f"up to {counted(nodes.count_max.value, 'node')}")


def node_count_min(nodes: Nodes) -> Leaf:
    return Leaf(f"minimum count of {nodes.name}", nodes.count_min, f"{counted(nodes.count_min.value, 'node')} at least")


def node_cpu(nodes: Nodes) -> Leaf:
    said = f"{number(nodes.cpu_cores.value)} cores in each node"
    return assumed(f"cpu of {nodes.name}", nodes.cpu_cores, said, positive=True)


def node_memory(nodes: Nodes) -> Leaf:
    said = f"{size(nodes.memory_bytes.value)} in each node"
    return assumed(f"memory of {nodes.name}", nodes.memory_bytes, said, positive=True)


def node_pods(nodes: Nodes) -> Leaf:
    said = f"at most {counted(nodes.pods_each.value, 'pod')} on each node"
    return Leaf(f"pods on each {nodes.name}", nodes.pods_each, said, positive=True)


def node_zones(nodes: Nodes) -> Leaf:
    said = f"spread over {counted(nodes.zones.value, 'zone')}"
    return Leaf(f"zones of {nodes.name}", nodes.zones, said, positive=True)


def node_price(nodes: Nodes) -> Leaf | None:
    stated = nodes.dollars_per_hour
    return assumed(f"price of {nodes.name}", stated, f"{dollars(stated.value)} an hour each") if stated else None


def latency(dependency: Dependency) -> tuple[Leaf, ...]:
    p50, p99 = dependency.latency_p50_seconds, dependency.latency_p99_seconds
    if p50 is None or p99 is None:
        return ()
    return (
        assumed(f"p50 latency of {dependency.name}", p50, f"answers in {seconds(p50.value)} at p50"),
        assumed(f"p99 latency of {dependency.name}", p99, f"answers in {seconds(p99.value)} at p99"),
    )


def token_price(dependency: Dependency) -> Leaf | None:
    stated = dependency.dollars_per_token
    said = f"{dollars(stated.value * 1_000_000)} per million tokens" if stated else ""
    return assumed(f"token price of {dependency.name}", stated, said) if stated else None


def byte_price(dependency: Dependency) -> Leaf | None:
    stated = dependency.dollars_per_byte
    said = f"{dollars(stated.value * 10**9)} per GB" if stated else ""
    return assumed(f"data price of {dependency.name}", stated, said) if stated else None


def data(call: Call) -> Leaf | None:
    stated = call.bytes_per_call
    return assumed(f"data of {call.name}", stated, f"{size(stated.value)} per call") if stated else None


def queue_bound(queue: WorkQueue) -> Leaf | None:
    """Of one shard."""
    stated = queue.bound
    said = f"{queue.name} holds at most {number(stated.value)}" if stated else ""
    return Leaf(f"bound of {queue.name}", stated, said) if stated else None


def shards(queue: WorkQueue) -> Leaf:
    said = f"{queue.name} has {counted(queue.shards.value, 'shard')}"
    return Leaf(f"shards of {queue.name}", queue.shards, said, positive=True)


def held_at_most(queue: WorkQueue) -> Expression | None:
    """Requests that all its shards hold; None where nothing bounds them."""
    bound = queue_bound(queue)
    return None if bound is None else bound * shards(queue)


def members(consensus: Consensus) -> Leaf:
    said = counted(consensus.members.value, "member")
    return Leaf(f"members of {consensus.name}", consensus.members, said, positive=True)


def majority(consensus: Consensus) -> Leaf:
    said = f"more than {consensus.majority.value} must agree"
    return Leaf(f"majority of {consensus.name}", consensus.majority, said)


def groups(consensus: Consensus) -> list[Leaf]:
    """Size and levels of the groups in which it is voted, where it is."""
    if consensus.groups is None:
        return []
    size, levels = consensus.groups.size, consensus.groups.levels
    return [
        Leaf(f"size of the groups of {consensus.name}", size, f"groups of {size.value}", positive=True),
        Leaf(f"levels of {consensus.name}", levels, counted(levels.value, "level"), positive=True),
    ]


def tolerate(consensus: Consensus) -> Leaf:
    said = f"{consensus.tolerate.value} {consensus.fault} tolerated"
    return Leaf(f"tolerated faults of {consensus.name}", consensus.tolerate, said)


def assumed(name: str, stated: Stated[int] | Stated[Fraction], demands: str, positive: bool = False) -> Leaf:
    """A literal about the world rather than a decision: no one can set it, but it may be measured anew."""
    return Leaf(name, stated, demands, positive, assumption=True)


def of_trial(name: str, stated: Stated[int] | Stated[Fraction], demands: str) -> Leaf:
    return Leaf(name, stated, demands, trial=True)
