"""A namespace's quota and limits against what the bounds allow, not against what runs today."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

from ...model import Namespace, Pool
from ...model.namespace import Allowance
from ..exact.expression import Expression, Leaf, Order, Relation, lift, total, value
from ..flows import leaves
from ..flows.analysis import Analysis
from ..obligation import Condition, Obligation
from ..words import counted, listed, number, share, size

Each = Callable[[Pool], Expression | None]


def namespaces(analysis: Analysis) -> list[Obligation]:
    stated = analysis.fleet.namespace
    if stated is None:
        return []
    found = []
    for what, allowance, each, told in (
        ("cores", stated.cpu, leaves.pod_cpu, number),
        ("memory", stated.memory, leaves.pod_memory, size),
        ("gpus", stated.gpus, _gpus, number),
        ("pods", stated.pods, lambda _: lift(1), number),
    ):
        if allowance is not None and analysis.wants(f"namespace/{what}"):
            found.append(_within(analysis, what, allowance, each, told))
    return found + [one for one in _agents(analysis, stated) if analysis.wants(one.id)]


def _gpus(pool: Pool) -> Expression | None:
    gpus = pool.each.gpus
    return (
        Leaf(f"gpus of each {pool.name}", gpus, f"{counted(gpus.value, 'gpu')} each") if gpus is not None else lift(0)
    )


def _within(
    analysis: Analysis, what: str, allowance: Allowance, each: Each, told: Callable[[Fraction], str]
) -> Obligation:
    """Unsatisfiable iff all pods at the largest sizes, those of a rolling update included, ask for more than the quota
    leaves.

    Pods beyond it are refused as they are made, so an autoscaler, or an update, is stuck below what it wants and
    nothing else says so. Source: Kubernetes, "Resource Quotas" (charged when a pod is made, by its requests; requests
    are compiled equal to limits). Limits: all pools update at once;
    pods that still leave are charged until their grace period is over, for which a new one then waits
    (`semantics.updates.placed_pods`).
    """
    pools = analysis.fleet.pools
    bare = [pool.name for pool in pools if each(pool) is None]
    whole = leaves.assumed(f"quota of {what}", allowance.whole, f"{told(allowance.whole.value)} {_of(what)} in all")
    left: Expression = whole
    rest = told(whole.number)
    if allowance.taken is not None:
        taken = leaves.assumed(f"{what} that others took", allowance.taken, f"{told(allowance.taken.value)} taken")
        left, rest = whole - taken, f"{told(whole.number - taken.number)} of {told(whole.number)}"

    def needs(count: Callable[[Pool], Expression], when: str) -> Condition:
        parts = [(pool, count(pool) * one) for pool in pools if (one := each(pool)) is not None]
        parts.sort(key=lambda part: value(part[1]))
        need = total(part for _, part in parts)
        who = ", ".join(
            f"{counted(value(count(pool)), 'agent')} of {pool.name} {told(value(part))}"
            for pool, part in reversed(parts[-3:])
            if value(part)
        )
        unsaid = value(need) - sum((value(part) for _, part in parts[-3:]), Fraction(0))
        if unsaid:
            others = sum(bool(value(part)) for _, part in parts[:-3])
            who += f", and {counted(others, 'other pool')} {told(unsaid)}"
        relation = Relation(need, Order.AT_MOST, left)
        text = f"the pods{when} ask for {told(value(need))} {_of(what)} ({who}), the namespace leaves {rest}"
        return Condition(relation, text, f"{text}: {share(relation.slack)} to spare")

    return Obligation(
        id=f"namespace/{what}",
        claim=f"the namespace has {_of(what)} for the largest sizes",
        at=allowance.at,
        code="ST2107",
        must=(needs(leaves.agents_max, ""), needs(analysis.placed, " during an update")),
        gap=f"{listed(bare)} {'does' if len(bare) == 1 else 'do'} not state {what}" if bare else "",
    )


def _of(what: str) -> str:
    return "of memory" if what == "memory" else what


def _agents(analysis: Analysis, stated: Namespace) -> Iterable[Obligation]:
    """Unsatisfiable iff an agent, or the sidecar beside it, asks for more than a container of the namespace may.

    Source: Kubernetes, "Limit Ranges" (of containers): such a pod is refused as it is made.
    """
    for at, (what, limit, each, told) in enumerate(
        (
            ("cpu", stated.agent_cpu, leaves.cpu, number),
            ("memory", stated.agent_memory, leaves.memory, size),
        )
    ):
        for pool in analysis.fleet.pools if limit is not None else ():
            assert limit is not None
            asked = each(pool)
            if asked is None:
                continue
            most = leaves.assumed(f"most {what} of one agent", limit, f"at most {told(limit.value)} for one agent")
            beside = leaves.sidecar(pool)
            must = []
            for who, one in (("an agent", asked), *([("the sidecar of an agent", beside[at])] if beside else [])):
                text = f"{who} of {pool.name} asks for {told(one.number)}, the namespace allows {told(most.number)}"
                must.append(Condition(Relation(one, Order.AT_MOST, most), text, text))
            yield Obligation(
                id=f"namespace/agent/{pool.name}/{what}",
                claim=f"the namespace takes agents of {pool.name}",
                at=asked.stated.span,
                code="ST2108",
                must=tuple(must),
            )
