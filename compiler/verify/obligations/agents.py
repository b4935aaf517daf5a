"""What one agent may have: links to all the others, and memory for the requests that it has in hand."""

from __future__ import annotations

from ...model import Links, Pool, Stated
from ..exact.expression import Expression, Leaf, Order, Relation, lift, value
from ..flows import leaves
from ..flows.analysis import Analysis
from ..obligation import Condition, Obligation
from ..words import counted, number, size
from .flapping import Count, Holding, flapping, held, running, updating, worst
from .flapping import agents as of


def agents(analysis: Analysis) -> list[Obligation]:
    found = []
    for pool in analysis.fleet.pools:
        if pool.each.links is not None:
            found.append(_links(analysis, pool, pool.each.links))
        if pool.each.request_bytes is not None:
            found.append(_memory(pool, pool.each.request_bytes))
    return [one for one in found if analysis.wants(one.id)]


def _links(analysis: Analysis, pool: Pool, links: Links) -> Obligation:
    """Unsatisfiable iff an agent that keeps so many links to each other one, and some besides, has more than it may.

    At the largest size, and with those that a rolling update adds, old ones that still leave included
    (`semantics.updates`), or with those that the autoscaler sent away as it grows again on a course of demand.
    Sufficient: what its steps ever allow (`semantics.flapping`). Source: a thread for each other server against the
    threads of an operating system (AWS, "Summary of the Amazon Kinesis Event", 2020); neighbour tables (Linux,
    net.ipv4.neigh.default.gc_thresh3). Limit: links to an agent that has left are counted as gone at once.
    """
    said = f"{number(links.each.value)} for each other agent"
    each = leaves.assumed(f"links of {pool.name} per agent", links.each, said)
    limit = Leaf(f"most links of {pool.name}", links.limit, f"at most {number(links.limit.value)}", positive=True)
    more: Expression = lift(0)
    if links.more is not None:
        more = Leaf(f"further links of {pool.name}", links.more, f"{number(links.more.value)} besides")
    part = held(analysis, pool, each)
    besides = f", {number(links.more.value)} besides" if links.more is not None else ""

    def need(count: Count) -> Expression:
        return (count(part) - lift(1)) * each + more

    def told(count: Count, when: str = "") -> str:
        return (
            f"each of {of(part, count(part))}{when} keeps {number(value(need(count)))} links "
            f"({number(each.number)} for each other one{besides}), {number(limit.number)} are allowed"
        )

    def needs(count: Count, when: str) -> Condition:
        return Condition(Relation(need(count), Order.AT_MOST, limit), told(count, when), told(count, when))

    holding = Holding([part], limit, need, told, lambda most: f"{counted(most, 'link')} an agent")
    flaps = flapping(analysis, holding, told(worst))
    return Obligation(
        id=f"links/{pool.name}",
        claim=f"no agent of {pool.name} has more links than it may",
        at=links.at,
        code="ST2105",
        must=(needs(running, ""), needs(updating, " during an update"), *flaps.must),
        proof=flaps.proof or None,
        remedy=flaps.remedy,
        additions=flaps.additions,
    )


def _memory(pool: Pool, stated: Stated[int]) -> Obligation:
    """Unsatisfiable iff all slots of an agent in use take more memory than it has.

    That happens whenever what it waits for stalls. Source: the memory limit of a container, beyond which its process is
    killed (Kubernetes, "Resource Management for Pods and Containers"). Limit: what the process needs besides is not in
    it, so nothing is left for that where it just fits.
    """
    memory, slots = leaves.memory(pool), leaves.concurrency(pool)
    id, claim = f"agent-memory/{pool.name}", f"an agent of {pool.name} has memory for all that it may have in hand"
    if memory is None:
        gap = f"{pool.name} does not state its memory; write `memory …` in `each`"
        return Obligation(id, claim, stated.span, "ST2106", must=(), gap=gap)
    each = leaves.assumed(f"memory of a request at {pool.name}", stated, f"{size(stated.value)} for each request")
    need = slots * each
    told = (
        f"{counted(slots.number, 'request')} in hand at {size(each.number)} each take {size(value(need))} of an agent "
        f"of {pool.name}, it has {size(memory.number)}"
    )
    return Obligation(
        id=id,
        claim=claim,
        at=stated.span,
        code="ST2106",
        must=(Condition(Relation(need, Order.AT_MOST, memory), told, told),),
    )
