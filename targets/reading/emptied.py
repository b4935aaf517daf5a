"""Pools that KEDA takes to no agents at all -> `agents 0..N` with the queue that brings them back, or a question.

Invariant: a pool is said to begin at 0 only where its trigger is about a queue and nothing that was read is in the way:
where the language would refuse it, the least is asked about.

Source: KEDA, "ScaledObject specification": minReplicaCount is 0 where none is said, and cooldownPeriod 300.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seatrial.compiler.model import Signal

from . import spelling
from .draft import Clauses, EdgeDraft, Emptied, PoolDraft

_COOLDOWN_S = 300


def emptied(pools: Sequence[PoolDraft], edges: Sequence[EdgeDraft]) -> tuple[Clauses, ...]:
    """Says the bounds of such pools, and gives the queues that feed those that may be empty."""
    found: list[Clauses] = []
    names, taken = {pool.name for pool in pools}, set[str]()
    for pool in pools:
        one = pool.emptied
        if one is None:
            continue
        spec = one.spec
        places = (spec.place("minReplicaCount"), spec.place("maxReplicaCount"))
        why = next(_in_the_way(pool, one, edges, names), "")
        if why:
            spec.refuse("minReplicaCount", f"the pool cannot be empty: {why}")
            ask = f"it may go down to none, but {why}; what is the least?"
            pool.own.say("agents", f"agents 1..{pool.most:_}", *places, ask=ask)
            continue
        spec.take("minReplicaCount")
        pool.own.say("agents", f"agents 0..{pool.most:_}", *places)
        assert pool.behavior is not None
        window = pool.behavior.down.window_s
        if not spec.known("cooldownPeriod", window, *([None] if window == _COOLDOWN_S else [])):
            spec.refuse("cooldownPeriod", f"compiled ones wait as long as `down over` says, {window} s")
        for wanted in dict.fromkeys(filter(None, one.queues)):
            name = spelling.name(wanted, taken)
            taken.add(name)
            block = Clauses(f"queue {name}")
            block.say("feeds", f"feeds {pool.name}", spec.place("triggers"), ask=one.ask)
            found.append(block)
    return tuple(found)


def _in_the_way(pool: PoolDraft, one: Emptied, edges: Sequence[EdgeDraft], names: set[str]) -> Iterator[str]:
    if not one.queues or pool.target is None or pool.target[0] != Signal.QUEUE.value:
        yield "it does not scale on a queue"
    for edge in edges:
        if edge.callee == pool.name and not edge.from_demand:
            yield f"{edge.caller} calls it"
        elif edge.callee == pool.name and edge.policy.said:
            yield f"a proxy has rules for how {edge.caller} calls it"
        elif edge.caller == pool.name and edge.callee in names:
            yield f"it calls {edge.callee}"
    if "disrupt" in pool.own.said:
        yield "a budget for disruptions counts its agents"
