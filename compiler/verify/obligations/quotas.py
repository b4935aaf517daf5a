"""Quotas: within what the dependency has, enough for the peak, floors that fit, and tenants that nobody starves."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction

from ...model import Call, Demand, Dependency, Pool, Stated
from ...model.money import Fairness, Quota, Tenant
from ...semantics.fairness import Claim, guaranteed
from ..exact.expression import (
    Derived,
    Expression,
    Leaf,
    Order,
    Relation,
    derived,
    lift,
    smallest,
    total,
    value,
)
from ..flows import leaves
from ..flows.abandoned import left_running
from ..flows.analysis import Analysis, Level
from ..flows.bucketed import bucketed, least_let_in
from ..flows.periods import most_passing
from ..flows.released import most_asked_in
from ..flows.waves import let_go_in, passed_on, waves_before
from ..flows.windows import in_a_window
from ..obligation import Condition, Obligation
from ..words import listed, number, seconds, share


def quotas(analysis: Analysis) -> list[Obligation]:
    found: list[Obligation] = []
    for quota in analysis.fleet.quotas:
        found.append(_within_limit(analysis, quota))
        if not analysis.circle and analysis.wants(f"quota/{quota.name}/peak"):
            found.append(lets_through(analysis, quota))
        floors = {one.name: floor_of(quota, one) for one in quota.tenants if one.floor is not None}
        if floors:
            found.append(_floors_fit(quota, list(floors.values())))
        if quota.nobody_starves is not None:
            found.append(_nobody_starves(quota))
    return found


def floor_of(quota: Quota, tenant: Tenant) -> Leaf:
    assert tenant.floor is not None
    said = f"at least {share(tenant.floor.value)} for {tenant.name}"
    return Leaf(f"floor of {tenant.name} in {quota.name}", tenant.floor, said)


def ceiling_of(quota: Quota, tenant: Tenant, ceiling: Stated[Fraction]) -> Leaf:
    return Leaf(
        f"ceiling of {tenant.name} in {quota.name}", ceiling, f"at most {share(ceiling.value)} for {tenant.name}"
    )


def _rate(quota: Quota) -> Leaf:
    said = f"{_told(quota, quota.per_second.value)} at most"
    return Leaf(f"quota of {quota.name}", quota.per_second, said)


def _told(quota: Quota, per_second: Fraction) -> str:
    return f"{number(round(per_second * quota.period_seconds))} {quota.what} in {seconds(quota.period_seconds)}"


def _limit(quota: Quota, dependency: Dependency) -> Leaf | None:
    stated = dependency.tokens_per_second if quota.what == "tokens" else dependency.requests_per_second
    if stated is None:
        return None
    return leaves.assumed(f"{quota.what} limit of {dependency.name}", stated, f"gives {_told(quota, stated.value)}")


def _within_limit(analysis: Analysis, quota: Quota) -> Obligation:
    """Unsatisfiable iff the quota of one period, and what is under way when it is used up, is more than there is.

    Charged before the call nothing is under way uncounted; charged after it, each request in hand may still use what
    one call uses: overshoot = requests in hand x tokens, of a rolling update's agents too, those that leave included.
    Sufficient: of those too that an autoscaler sent away while it adds others (`semantics.flapping`), and of calls that
    were given up and still run (`flows.abandoned`).
    """
    dependency = analysis.dependency(quota.dependency.value)
    limit, rate = _limit(quota, dependency), _rate(quota)
    claim = f"{dependency.name} gives all that the quota promises"
    id = f"quota/{quota.name}/limit"
    if limit is None:
        gap = f"{dependency.name} states no limit on {quota.what}"
        remedy = f"write `limit … {quota.what}/min` in it"
        return Obligation(id, claim, quota.at, "ST3101", must=(), gap=gap, remedy=remedy)
    need: Expression = rate * quota.period_seconds
    have = limit * quota.period_seconds

    def within(over: Expression | None) -> Condition:
        told = f"the quota is {_told(quota, rate.number)}"
        if over is not None:
            told += f", counted after the call: {number(value(over))} more may be under way"
        text = f"{told}; {dependency.name} gives {_told(quota, limit.number)}"
        return Condition(Relation(need if over is None else need + over, Order.AT_MOST, have), text, text)

    if not quota.charge_after.value:
        return Obligation(id, claim, quota.at, "ST3101", must=(within(None),))
    sure, _ = under_way(analysis, quota, Analysis.pods)
    most, gap = under_way(analysis, quota)
    return Obligation(
        id,
        claim,
        quota.at,
        "ST3101",
        must=(within(total(sure)),),
        proof=(within(total(most)),),
        gap=gap,
        remedy="" if gap else "a shorter drain, or a smaller quota, would decide it",
    )


def lets_through(analysis: Analysis, quota: Quota) -> Obligation:
    """Unsatisfiable iff in the worst period, without any retries, more is asked for than the quota and the ceilings of
    its tenants let through together: what is over is refused.

    Of a peak that a queue on the way levels that is what agents surely take on (`semantics.levelling`), and of
    buckets on the way what those of the agents that there always are let through (`flows.bucketed`). Sufficient: the
    same at the peak with every call retried to the end, and with what has piled up, its full buckets too
    (`flows.released`), or all that comes in a period and had piled up before it, where that is less. Source: a fixed
    window of the period, as gateways count. Limit: which demand is whose is not stated, so one tenant may be refused
    though the sum is enough.
    """
    through, told = through_of(quota)
    period = quota.period_seconds
    sums, most, gap, queues = [], Fraction(0), "", list[str]()
    buckets = bucketed(analysis, quota.dependency.value)
    least = least_let_in(analysis, Level.PEAK, quota.dependency.value, retried=False) if buckets else {}
    held_back = Fraction(0)
    for call in analysis.into(quota.dependency.value):
        each = leaves.tokens(call) if quota.what == "tokens" else lift(1)
        if each is None:
            gap = f"the tokens of {call.name} are not stated; write `tokens …` in the call"
            continue
        levelled = [wave for wave in waves_before(analysis, call.caller) if passed_on(analysis, wave) < period]
        queues += [wave.queue.name for wave in levelled if wave.queue.name not in queues]
        come: list[Expression] = []
        for demand in analysis.demands_of(call.caller):
            made = analysis.visits(demand)[call.caller] * leaves.per_request(call)
            let_go = [let_go_in(analysis, wave, period) for wave in levelled if wave.demand is demand]
            come.append((smallest(let_go) if let_go else in_a_window(demand, period)) * made * each)
        sums += come
        if buckets:
            held_back += min(value(total(come)), least[call.name] * period * value(each))
        asked = _at_most(analysis, call, Fraction(period))
        if isinstance(asked, str):
            gap = asked
        else:
            most += asked * value(each)
    need: Expression = total(sorted(sums, key=value))
    asks = f"up to {number(value(need))} {quota.what} are asked for in {seconds(period)}, without any retries"
    if queues:
        levels = f"though {listed(queues)} {'levels' if len(queues) == 1 else 'level'} peaks"
        asks = f"at least {asks.removeprefix('up to ')} and {levels}"
    must = Condition(Relation(need, Order.AT_MOST, through), f"{asks}; {told}: the others are refused", "")
    highest = Derived(f"most that {quota.name} is asked for", most, ())
    relation = Relation(highest, Order.AT_MOST, lift(value(through)))
    most_whole, all_told = (
        number(math.ceil(highest.number)),
        "with all retries and all that agents work off, an update's too,",
    )
    worst = f"{most_whole} of {number(value(through))} {quota.what} are asked for in {seconds(period)}"
    least_told = f"{all_told} up to {most_whole} {quota.what} are asked for in {seconds(period)}; {told}"
    return Obligation(
        id=f"quota/{quota.name}/peak",
        claim=f"the quota of {quota.dependency.value} lets the peak through",
        at=quota.at,
        code="ST3105",
        # What buckets on the way (`admit`) hold back is not asked for.
        must=(must,) if must.holds or not buckets or held_back > value(through) else (),
        proof=(Condition(relation, least_told, f"{worst}: {share(relation.slack)} to spare"),),
        gap=gap,
        remedy="" if gap else "a larger quota, fewer retries or fewer agents at the most would decide it",
    )


def through_of(quota: Quota) -> tuple[Expression, str]:
    """What it lets through in a period at the most."""
    whole: Expression = _rate(quota) * quota.period_seconds
    told = f"the quota is {_told(quota, quota.per_second.value)}"
    if not quota.tenants or any(one.ceiling is None for one in quota.tenants):
        return whole, told
    ceilings = [ceiling_of(quota, one, one.ceiling) for one in quota.tenants if one.ceiling is not None]
    part = total(ceilings)
    if value(part) < 1:
        told = f"{told}, of which its tenants may have {share(value(part))}"
    return whole * smallest([lift(1), part]), told


def _at_most(analysis: Analysis, call: Call, period: Fraction) -> Fraction | str:
    """What agents ask for that work off what they can all the time, or all that comes to them where that is less."""
    asked, passing = most_asked_in(analysis, call, period), most_passing(analysis, call, period)
    if passing is None:
        return asked
    return passing if isinstance(asked, str) else min(asked, passing)


def refused(analysis: Analysis, demand: Demand) -> Iterator[str]:
    """Which quotas on the demand's way may refuse requests at the peak."""
    reached = set(analysis.reached(demand.name))
    for quota in analysis.fleet.quotas:
        if any(call.caller in reached for call in analysis.into(quota.dependency.value)):
            made = lets_through(analysis, quota)
            told = made.broken.broken if made.broken is not None else made.finding().reason
            if told:
                yield told


def under_way(
    analysis: Analysis, quota: Quota, pods: Callable[[Analysis, Pool], Expression] = Analysis.most_pods
) -> tuple[list[Expression], str]:
    """What the requests in hand of each caller may use up at most, and what is missing to tell it; with all that may be
    there, calls that were given up and still run too."""
    found: list[Expression] = []
    gap = ""
    for call in analysis.into(quota.dependency.value):
        each = leaves.tokens(call) if quota.what == "tokens" else lift(1)
        if each is None:
            gap = f"the tokens of {call.name} are not stated; write `tokens …` in the call"
            continue
        slots, more = in_hand(analysis, call, pods), left_running(analysis, call)
        found.append(slots * each)
        if pods is not Analysis.most_pods or not more:
            continue
        if isinstance(more, str):
            gap = more
        else:
            basis = [*leaves.latency(analysis.dependency(call.callee)), *leaves.retry(call)]
            found.append(slots * each * derived(f"calls of {call.name} given up that still run", more, basis))
    return found, gap


def in_hand(
    analysis: Analysis, call: Call, pods: Callable[[Analysis, Pool], Expression] = Analysis.most_pods
) -> Expression:
    """Calls that may be under way at once: each request in hand of each agent makes one at a time."""
    pool = analysis.pool(call.caller)
    return pods(analysis, pool) * leaves.concurrency(pool)


def _floors_fit(quota: Quota, floors: list[Leaf]) -> Obligation:
    """Unsatisfiable iff the floors of all tenants come to more than the whole."""
    need = total(floors)
    text = f"the floors come to {share(value(need))} of the quota"
    return Obligation(
        id=f"quota/{quota.name}/floors",
        claim=f"every tenant of {quota.name} can have its floor at once",
        at=quota.at,
        code="ST3102",
        must=(Condition(Relation(need, Order.AT_MOST, lift(1)), text, text),),
    )


def claims(quota: Quota) -> list[Claim]:
    """The tenants as claims on the quota, in requests or tokens per second."""
    whole = quota.per_second.value
    return [
        Claim(
            one.weight.value if quota.fair.value is Fairness.MAX_MIN else Fraction(0),
            one.floor.value * whole if one.floor is not None else Fraction(0),
            one.ceiling.value * whole if one.ceiling is not None else None,
        )
        for one in quota.tenants
    ]


def sure_rates(quota: Quota) -> dict[str, Fraction] | None:
    """What each tenant gets per second whatever the others ask for; None where the floors do not fit.

    Max-min: the level when all ask for everything. By what is asked, or first come: what the others leave that take all
    that they may. By priority: the same of those that are no lower, and the floors of those that are.
    """
    whole, asked = quota.per_second.value, claims(quota)
    if sum((one.floor for one in asked), Fraction(0)) > whole:
        return None
    found = {}
    for index, (tenant, claim) in enumerate(zip(quota.tenants, asked, strict=True)):
        if quota.fair.value is Fairness.MAX_MIN:
            got = guaranteed(whole, asked, index)
        else:
            got = max(claim.floor, whole - sum(_takes(quota, tenant, at) for at in range(len(asked)) if at != index))
        found[tenant.name] = got if claim.ceiling is None else min(got, claim.ceiling)
    return found


def _takes(quota: Quota, tenant: Tenant, other: int) -> Fraction:
    """Per second, what another tenant takes before this one has what it asks for, at the most."""
    claim = claims(quota)[other]
    if quota.fair.value is Fairness.PRIORITY and _priority(quota.tenants[other]) < _priority(tenant):
        return claim.floor
    return quota.per_second.value if claim.ceiling is None else claim.ceiling


def _priority(tenant: Tenant) -> int:
    return tenant.priority.value if tenant.priority is not None else 0


def _nobody_starves(quota: Quota) -> Obligation:
    """Unsatisfiable iff some tenant gets nothing when each of the others asks for as much as it may have.

    That corner is the worst of all demands (`semantics.fairness.guaranteed`).
    """
    assert quota.nobody_starves is not None
    sure = sure_rates(quota)
    conditions = []
    for tenant in quota.tenants if sure is not None else ():
        assert sure is not None
        basis: list[Expression] = [_rate(quota)]
        for one in quota.tenants:
            basis.append(
                Leaf(f"weight of {one.name} in {quota.name}", one.weight, f"weight {number(one.weight.value)}")
            )
            if one.floor is not None:
                basis.append(floor_of(quota, one))
        may_have_none = tenant.ceiling is not None and tenant.ceiling.value == 0
        if tenant.ceiling is not None and may_have_none:
            basis = [_rate(quota), ceiling_of(quota, tenant, tenant.ceiling)]
        got = derived(f"sure part of {tenant.name} in {quota.name}", sure[tenant.name], basis)
        others = [one.name for one in quota.tenants if one is not tenant]
        broken = (
            f"when {' and '.join(others[:2]) or 'nobody else'} ask for {_told(quota, quota.per_second.value)} each, "
            f"{tenant.name} gets nothing: the quota is divided {_WORDS[quota.fair.value]}"
        )
        if may_have_none:
            broken = f"{tenant.name} may have at most 0 % of the quota: it gets nothing, whatever it asks for"
        part = got.number / quota.per_second.value if quota.per_second.value else Fraction(0)
        room = f"{tenant.name} gets {share(part)} at least, whatever the others ask for"
        conditions.append((part, Condition(Relation(lift(0), Order.BELOW, got), broken, room)))
    conditions.sort(key=lambda one: one[0])
    note = "; ".join(one.room for _, one in conditions[1:4])
    gap = "" if sure is not None else "the floors do not fit, so that no division keeps them"
    return Obligation(
        id=f"quota/{quota.name}/starvation",
        claim=f"no tenant of {quota.name} starves, whatever the others ask for",
        at=quota.nobody_starves,
        code="ST3103",
        must=tuple(one for _, one in conditions),
        gap=gap or ("" if quota.tenants else "the quota names no tenants"),
        note=note,
    )


_WORDS = {
    Fairness.MAX_MIN: "by weight, and its weight is 0",
    Fairness.PROPORTIONAL: "in proportion to what is asked",
    Fairness.PRIORITY: "by priority",
    Fairness.FIRST_COME: "to whoever asks first",
}
