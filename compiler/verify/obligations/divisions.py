"""Budgets that are divided: floors fit, pre-emption respects them, agents can pay for themselves, and stop in time."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from ...model import Budget, Pool
from ...model.money import Dispute, Division, Rule
from ...semantics.fairness import Claim, by_value, dominant_share, max_min
from ...semantics.voting_weight import fewest_that_decide
from ..exact.expression import Expression, Leaf, Order, Relation, derived, lift, total, value
from ..flows import leaves
from ..flows.analysis import Analysis
from ..flows.placement import gpus_of
from ..obligation import Condition, Obligation
from ..words import counted, dollars, listed, number, share
from .stops import limit_of, stops


def divisions(analysis: Analysis) -> list[Obligation]:
    found: list[Obligation] = []
    met: dict[str, int] = {}
    for budget in analysis.fleet.budgets:
        where = f"{budget.scope}/{budget.period}"
        met[where] = met.get(where, 0) + 1
        if budget.division is not None and analysis.fleet.pools:
            told = where if met[where] == 1 else f"{where}/{met[where]}"
            found += _of(analysis, budget, budget.division, told)
    return found


def _of(analysis: Analysis, budget: Budget, division: Division, where: str) -> Iterator[Obligation]:
    floors: list[Expression] = []
    if division.floor is not None:
        floor = Leaf(f"floor of {where}", division.floor, f"at least {dollars(division.floor.value)} for each agent")
        floors = [leaves.agents_max(pool) * floor for pool in analysis.fleet.pools]
        yield _floors(analysis, budget, division, floors, where)
    if division.preempt is not None:
        yield _preempts(analysis, budget, division, floors, where)
    if budget.scope.has_agents or _open(analysis, division):
        yield _pays(analysis, budget, division, where)
    if division.stop is not None:
        yield stops(analysis, budget, division.stop, where)
    if division.dispute is not None:
        yield from _disputes(analysis, division.dispute, where)


def _open(analysis: Analysis, division: Division) -> str:
    """What the rule goes by and the spec does not state."""
    if division.rule.value is Rule.RESOURCE and resource_weights(analysis) is None:
        return "what agents take of the nodes is not stated; write `nodes`, and `cpu` and `memory` in `each`"
    if division.rule.value is Rule.UTILITY and all(pool.economics is None for pool in analysis.fleet.pools):
        return "what work is worth is not stated; write `value $… per request` in the pools"
    return ""


def _agents(analysis: Analysis) -> int:
    return sum(int(leaves.agents_max(pool).number) for pool in analysis.fleet.pools)


def _floors(analysis: Analysis, budget: Budget, division: Division, floors: list[Expression], where: str) -> Obligation:
    """Unsatisfiable iff the floors of all the agents that there may be come to more than the budget."""
    assert division.floor is not None
    need, limit = total(floors), limit_of(budget)
    agents = counted(_agents(analysis), "agent")
    text = (
        f"{agents} at {dollars(division.floor.value)} each are {dollars(value(need))} {budget.period.one}, the budget "
        f"is {dollars(limit.number)}"
    )
    note = f"equal shares would be {dollars(limit.number / _agents(analysis))} each"
    return Obligation(
        id=f"division/{where}/floors",
        claim=f"each agent gets at least {dollars(division.floor.value)} {budget.period.one}, whatever the others get",
        at=division.floor.span,
        code="ST3001",
        must=(Condition(Relation(need, Order.AT_MOST, limit), text, text),),
        note=note,
    )


def _preempts(
    analysis: Analysis, budget: Budget, division: Division, floors: list[Expression], where: str
) -> Obligation:
    """Unsatisfiable iff all pools have one priority, so that nobody goes first, or the floors alone pass the budget.

    Unknown without a floor: then the lowest priority may be left with nothing.
    """
    assert division.preempt is not None
    by_priority: dict[int, list[str]] = {}
    for pool in analysis.fleet.pools:
        by_priority.setdefault(_priority(pool), []).append(pool.name)
    levels = derived("different priorities of pools", len(by_priority), ())
    order = ", then ".join(listed(by_priority[level]) for level in sorted(by_priority))
    one = "all pools have one priority: there is no lowest that loses first; write `priority low` in a pool"
    conditions = [Condition(Relation(lift(2), Order.AT_MOST, levels), one, "")]
    if floors:
        need, limit = total(floors), limit_of(budget)
        broken = f"the floors alone come to {dollars(value(need))}, so something has to be taken below its floor"
        room = f"{order} give up what is above {dollars(value(need))} in floors, of {dollars(limit.number)}"
        conditions.append(Condition(Relation(need, Order.AT_MOST, limit), broken, room))
    return Obligation(
        id=f"division/{where}/preemption",
        claim="the lowest priority loses first, and nobody is cut down below its floor",
        at=division.preempt,
        code="ST3002",
        must=tuple(conditions),
        gap="" if floors else "no floor is stated, so that nothing keeps the lowest priority from losing everything",
        remedy="" if floors else "write `each agent at least $…`",
    )


def _pays(analysis: Analysis, budget: Budget, division: Division, where: str) -> Obligation:
    """Unsatisfiable iff an agent's price for the period is above its ceiling.

    Sufficient: its price is at most what it gets in the worst case: the floor, or its part by a rule that does not
    depend on what agents do. Of floors that clash none is sure.
    """
    hours, a_period = budget.period.hours, budget.period.one
    must: list[Condition] = []
    proof: list[Condition] = []
    gaps: list[str] = []
    for pool in analysis.fleet.pools:
        price = leaves.agent_price(pool)
        if price is None or not budget.scope.has_agents:
            continue
        cost = price * hours
        said = f"an agent of {pool.name} costs {dollars(value(cost))} {a_period}"
        if division.ceiling is not None:
            most = Leaf(f"ceiling of {where}", division.ceiling, f"at most {dollars(division.ceiling.value)} each")
            text = f"{said}, it may have {dollars(most.number)} at most"
            must.append(Condition(Relation(cost, Order.AT_MOST, most), text, ""))
        least = worst_share(analysis, budget, division, pool)
        first = ", as those of a higher priority go first" if _yields(analysis, division, pool) else ""
        if least is None:
            if _floors_clash(analysis, budget, division):
                gaps.append(f"{said}, and the floors of all agents come to more than the budget, so that none is sure")
            else:
                gaps.append(f"with shares {division.rule.value} {said} and may get nothing{first}")
            continue
        text = f"{said} and gets at least {dollars(least)}{first}"
        need = derived(f"worst share of {pool.name}", least, ())
        proof.append(Condition(Relation(lift(value(cost)), Order.AT_MOST, need), text, text))
    unstated = _open(analysis, division)
    if unstated:
        gaps, remedy = [unstated], ""
    elif not must and not proof and not gaps:
        gaps = ["no agent's price is counted by this budget, so what a share buys is not known"]
        remedy = "write `price $…/h` in `each`"
    else:
        clash = _floors_clash(analysis, budget, division)
        remedy = "a lower floor, or a larger budget, would decide it" if clash else "write `each agent at least $…`"
    return Obligation(
        id=f"division/{where}/pays",
        claim="what an agent gets pays for the agent",
        at=division.at,
        code="ST3003",
        must=tuple(must),
        proof=tuple(proof),
        gap=gaps[0] if gaps else "",
        remedy=remedy if gaps else "",
    )


def worst_share(analysis: Analysis, budget: Budget, division: Division, pool: Pool) -> Fraction | None:
    """Dollars that one agent of a pool gets in each period whatever the others do; None where that may be nothing.

    With all agents running: each that is missing leaves the others more. Who may be pre-empted keeps its floor alone.
    """
    if _floors_clash(analysis, budget, division):
        return None
    got = None if _yields(analysis, division, pool) else dollars_each(analysis, budget, division)
    sure = got[pool.name] if got is not None else Fraction(0)
    if got is None and division.floor is not None:
        sure = division.floor.value
    return sure if sure > 0 else None


def _floors_clash(analysis: Analysis, budget: Budget, division: Division) -> bool:
    """Whether there is not enough for all floors: then no floor is sure."""
    return division.floor is not None and division.floor.value * _agents(analysis) > budget.dollars.value


def _yields(analysis: Analysis, division: Division, pool: Pool) -> bool:
    """Whether others go before it where money is short."""
    return division.preempt is not None and _priority(pool) < max(map(_priority, analysis.fleet.pools))


def dollars_each(analysis: Analysis, budget: Budget, division: Division) -> dict[str, Fraction] | None:
    """Dollars of one agent of each pool with all agents running; None where only the run can tell, or floors clash."""
    pools = analysis.fleet.pools
    weights = agent_weights(analysis, division)
    counts = [int(leaves.agents_max(pool).number) for pool in pools]
    floor = division.floor.value if division.floor is not None else Fraction(0)
    ceiling = division.ceiling.value if division.ceiling is not None else None
    claims = [
        Claim(
            count * (weights[pool.name] if weights is not None else Fraction(1)),
            count * floor,
            None if ceiling is None else count * ceiling,
        )
        for pool, count in zip(pools, counts, strict=True)
    ]
    whole = budget.dollars.value
    if sum((one.floor for one in claims), Fraction(0)) > whole:
        return None
    if division.rule.value is Rule.UTILITY:
        earned = [pool.economics.dollars_per_request.value if pool.economics else Fraction(0) for pool in pools]
        got = by_value(whole, claims, earned)
    elif weights is not None:
        got = max_min(whole, claims)
    else:
        return None
    return {pool.name: share / count for pool, share, count in zip(pools, got, counts, strict=True)}


def agent_weights(analysis: Analysis, division: Division) -> dict[str, Fraction] | None:
    """The weight of each pool's agents, where a rule fixes it beforehand."""
    match division.rule.value:
        case Rule.EQUALLY:
            return {pool.name: Fraction(1) for pool in analysis.fleet.pools}
        case Rule.WEIGHT:
            stated = {one.pool: one.weight.value for one in division.weights}
            return {pool.name: stated.get(pool.name, Fraction(0)) for pool in analysis.fleet.pools}
        case Rule.RESOURCE:
            return resource_weights(analysis)
        case _:
            return None


def resource_weights(analysis: Analysis) -> dict[str, Fraction] | None:
    """The largest part of all cores, memory or gpus that an agent takes, its sidecar counted as nodes count it."""
    nodes = analysis.fleet.nodes
    if not nodes:
        return None
    cores = sum((one.cpu_cores.value * one.count_max.value for one in nodes), Fraction(0))
    memory = Fraction(sum(one.memory_bytes.value * one.count_max.value for one in nodes))
    gpus = Fraction(sum(gpus_of(one) * one.count_max.value for one in nodes))
    found = {}
    for pool in analysis.fleet.pools:
        cpu, size = pool.each.pod_cpu_cores, pool.each.pod_memory_bytes
        if cpu is None or size is None:
            return None
        needs = [cpu, Fraction(size), Fraction(gpus_of(pool.each))]
        found[pool.name] = dominant_share(needs, [cores, memory, gpus])
    return found


def _disputes(analysis: Analysis, dispute: Dispute, where: str) -> Iterator[Obligation]:
    """Unsatisfiable iff, at some tried corner of the bounds, too few agents have the votes to decide.

    A pool alone is strongest at its maximum with all others at their minimum: exact. For coalitions, sufficient: with
    v the most votes of one agent, more than `majority` of V votes takes more than majority x V / v agents; V over the
    number of agents is least with the heavy pools at one end of their bounds and the light ones at the other.
    """
    votes = {priority: each.value for priority, each in dispute.weights}
    missing = [pool.name for pool in analysis.fleet.pools if _priority(pool) not in votes]
    majority = Leaf(f"majority of {where}", dispute.majority, f"more than {share(dispute.majority.value)} of the votes")
    gap = f"the priority of {listed(missing)} has no votes; add it to `weights`" if missing else ""
    by_name = {pool.name: votes.get(_priority(pool), 1) for pool in analysis.fleet.pools}
    stated: dict[int, Expression] = {
        priority: Leaf(
            f"votes of priority {priority} in {where}", each, counted(each.value, "vote") + " an agent", positive=True
        )
        for priority, each in dispute.weights
    }
    if dispute.no_pool_alone is not None:
        conditions = []
        for pool in analysis.fleet.pools:
            own = leaves.agents_max(pool) * stated.get(_priority(pool), lift(1))
            others = total(
                leaves.agents_min(one) * stated.get(_priority(one), lift(1))
                for one in analysis.fleet.pools
                if one.name != pool.name
            )
            held = value(own) / (value(own) + value(others))
            text = f"{pool.name} may have {share(held)} of the votes, {share(majority.number)} decide"
            conditions.append(Condition(Relation(own, Order.AT_MOST, (own + others) * majority), text, text))
        yield Obligation(
            id=f"division/{where}/no-pool-decides-alone",
            claim="no single pool decides a dispute alone",
            at=dispute.no_pool_alone,
            code="ST3005",
            must=() if gap else tuple(conditions),
            gap=gap,
        )
    if dispute.least_share is not None:
        asked = Leaf(
            f"least share of {where}", dispute.least_share, f"not fewer than {share(dispute.least_share.value)}"
        )
        basis = [
            majority,
            *stated.values(),
            *(end(pool) for pool in analysis.fleet.pools for end in (leaves.agents_min, leaves.agents_max)),
        ]
        fewest, size = min(_corners(analysis, by_name, dispute.majority.value), key=lambda one: Fraction(*one))
        deciding = derived(f"smallest share that decides {where}", Fraction(fewest, size), basis)
        fixed = all(leaves.agents_min(pool).number == leaves.agents_max(pool).number for pool in analysis.fleet.pools)
        least = min(Fraction(held, all_) for held, all_ in _votes(analysis, by_name)) / max(by_name.values())
        sure = derived(f"share that {where} surely takes", dispute.majority.value * least, ())
        open_ = f"at all sizes within the bounds at least {share(sure.number)} of the agents are needed"
        text = f"{counted(fewest, 'agent')} of {number(size)} ({share(deciding.number)}) can decide a dispute alone"
        yield Obligation(
            id=f"division/{where}/coalition",
            claim=f"no less than {share(dispute.least_share.value)} of the agents decide a dispute",
            at=dispute.least_share.span,
            code="ST3005",
            must=() if gap else (Condition(Relation(asked, Order.AT_MOST, deciding), text, text),),
            proof=() if gap or fixed else (Condition(Relation(lift(asked.number), Order.AT_MOST, sure), open_, ""),),
            gap=gap,
        )


def _priority(pool: Pool) -> int:
    return pool.priority.value if pool.priority is not None else 0


def _corners(analysis: Analysis, votes: dict[str, int], majority: Fraction) -> Iterator[tuple[int, int]]:
    """(fewest that decide, agents in all) at each of `_sizes`."""
    for groups in _sizes(analysis, votes):
        yield fewest_that_decide(groups, majority), sum(agents for agents, _ in groups)


def _votes(analysis: Analysis, votes: dict[str, int]) -> Iterator[tuple[int, int]]:
    """(votes, agents in all) at each of `_sizes`."""
    for groups in _sizes(analysis, votes):
        yield sum(agents * each for agents, each in groups), sum(agents for agents, _ in groups)


def _sizes(analysis: Analysis, votes: dict[str, int]) -> Iterator[list[tuple[int, int]]]:
    """(agents, votes of each) with the heaviest pools at one end of their bounds and the rest at the other."""
    ordered = sorted(analysis.fleet.pools, key=lambda pool: (-votes[pool.name], pool.name))
    for cut in range(len(ordered) + 1):
        for first, then in ((leaves.agents_min, leaves.agents_max), (leaves.agents_max, leaves.agents_min)):
            yield [
                (int((first if index < cut else then)(pool).number), votes[pool.name])
                for index, pool in enumerate(ordered)
            ]
