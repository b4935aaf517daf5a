"""Model -> the plan's records of money: shares worked out, thresholds computed."""

from __future__ import annotations

from fractions import Fraction

from . import model as m
from . import plan_money as p
from .model.money import Auction, Combinatorial, Contract, Division, Dutch, Economics, English, Quota
from .verify.exact.expression import value
from .verify.flows.analysis import Analysis
from .verify.flows.leaves import agents_max
from .verify.flows.overheads import lost_to_others
from .verify.obligations.bills import lines
from .verify.obligations.divisions import agent_weights, dollars_each
from .verify.obligations.economics import crew
from .verify.obligations.quotas import in_hand as in_hand_of
from .verify.obligations.quotas import sure_rates, under_way
from .verify.obligations.stops import in_hand


def divisions(fleet: m.Fleet) -> tuple[p.DivisionPlan, ...]:
    analysis = Analysis(fleet)
    return tuple(
        _division(analysis, budget, budget.division) for budget in fleet.budgets if budget.division is not None
    )


def _division(analysis: Analysis, budget: m.Budget, division: Division) -> p.DivisionPlan:
    dispute = division.dispute
    votes = dict(dispute.weights) if dispute is not None else {}
    weights, each = agent_weights(analysis, division), dollars_each(analysis, budget, division)
    shares = []
    for pool in analysis.fleet.pools:
        priority = pool.priority.value if pool.priority is not None else 0
        shares.append(
            p.PoolShare(
                pool=pool.name,
                agents=int(agents_max(pool).number),
                priority=priority,
                weight=None if weights is None else weights[pool.name],
                dollars_each=None if each is None else each[pool.name],
                votes_each=votes[priority].value if priority in votes else None,
            )
        )
    reserve = in_hand(analysis, budget) if division.stop is not None else "it goes on"
    return p.DivisionPlan(
        scope=budget.scope,
        period=budget.period,
        dollars=budget.dollars.value,
        rule=division.rule.value,
        auction=division.auction.value if division.auction is not None else None,
        floor_dollars=_value(division.floor),
        ceiling_dollars=_value(division.ceiling),
        preempt_lowest_first=division.preempt is not None,
        stop_at_dollars=None if isinstance(reserve, str) else max(Fraction(0), budget.dollars.value - value(reserve)),
        dispute_majority=dispute.majority.value if dispute is not None else None,
        pools=tuple(shares),
        origin=division.at,
    )


def quotas(fleet: m.Fleet) -> tuple[p.QuotaPlan, ...]:
    analysis = Analysis(fleet)
    return tuple(_quota(analysis, one) for one in fleet.quotas)


def _quota(analysis: Analysis, one: Quota) -> p.QuotaPlan:
    sure = sure_rates(one)
    over, gap = under_way(analysis, one)
    calls = analysis.into(one.dependency.value)
    return p.QuotaPlan(
        dependency=one.dependency.value,
        what=one.what,
        per_second=one.per_second.value,
        period_seconds=one.period_seconds,
        fair=one.fair.value,
        charge_after=one.charge_after.value,
        stop_when_used_up=one.stop,
        tenants=tuple(
            p.TenantPlan(
                name=tenant.name,
                weight=tenant.weight.value,
                priority=tenant.priority.value if tenant.priority is not None else 0,
                floor=_value(tenant.floor),
                ceiling=_value(tenant.ceiling),
                guaranteed_per_second=None if sure is None else sure[tenant.name],
            )
            for tenant in one.tenants
        ),
        in_hand=sum(int(value(in_hand_of(analysis, call))) for call in calls),
        overshoot=None if gap else sum((value(each) for each in over), Fraction(0)),
        origin=one.at,
    )


def auctions(fleet: m.Fleet) -> tuple[p.AuctionPlan, ...]:
    return tuple(_auction(one) for one in fleet.auctions)


def _auction(one: Auction) -> p.AuctionPlan:
    kind = one.kind
    dutch = kind if isinstance(kind, Dutch) else None
    english = kind if isinstance(kind, English) else None
    combinatorial = kind if isinstance(kind, Combinatorial) else None
    step = (
        dutch.step_seconds if dutch is not None else combinatorial.step_seconds if combinatorial is not None else None
    )
    lasting = english or combinatorial
    return p.AuctionPlan(
        name=one.name,
        kind=type(kind).__name__.lower(),
        start_dollars=_value(dutch.start) if dutch is not None else None,
        drop=_value(dutch.drop) if dutch is not None else None,
        reserve_dollars=_value(dutch.reserve) if dutch is not None else None,
        step_seconds=_value(step),
        lasting_seconds=_value(lasting.lasting_seconds) if lasting is not None else None,
        bids_every_seconds=_value(english.every_seconds) if english is not None else None,
        items=combinatorial.items.value if combinatorial is not None else None,
        deadline_seconds=one.deadline_seconds.value,
        origin=one.at,
    )


def contracts(fleet: m.Fleet) -> tuple[p.ContractPlan, ...]:
    return tuple(_contract(one) for one in fleet.contracts)


def _contract(one: Contract) -> p.ContractPlan:
    return p.ContractPlan(
        caller=one.caller,
        callee=one.callee,
        deadline_seconds=one.deadline_seconds.value,
        dollars=one.dollars.value,
        penalty_dollars=_value(one.penalty_dollars),
        exclude_after=one.exclude_after.value if one.exclude_after is not None else None,
        reputation_seconds=one.reputation_seconds.value,
        pay_at_most_dollars_per_hour=one.pay_at_most.value / one.pay_hours if one.pay_at_most is not None else None,
        origin=one.at,
    )


def economics(fleet: m.Fleet) -> tuple[p.EconomicsPlan, ...]:
    analysis = Analysis(fleet)
    return tuple(_economics(analysis, pool, pool.economics) for pool in fleet.pools if pool.economics is not None)


def _economics(analysis: Analysis, pool: m.Pool, one: Economics) -> p.EconomicsPlan:
    found, (contention, coherency) = crew(analysis, pool, one), lost_to_others(pool)
    return p.EconomicsPlan(
        pool=pool.name,
        dollars_per_request=one.dollars_per_request.value,
        contention=contention,
        coherency=coherency,
        best_agents=None if isinstance(found, str) else found.best(),
        breaks_even_agents=None if isinstance(found, str) else found.breaks_even(),
        origin=one.at,
    )


def bills(fleet: m.Fleet) -> tuple[p.BillPlan, ...]:
    analysis = Analysis(fleet)
    found = []
    for one in fleet.bills:
        listed = lines(analysis, one.period)
        kept = () if isinstance(listed, str) else tuple(listed)
        found.append(
            p.BillPlan(
                period=one.period,
                below_dollars=one.dollars.value,
                predicted_dollars=sum((value(line.dollars) for line in kept), Fraction(0)) if kept else None,
                lines=tuple(
                    p.BillLine(line.kind, line.name, line.quantity, line.unit, value(line.dollars)) for line in kept
                ),
                origin=one.at,
            )
        )
    return tuple(found)


def _value(stated: m.Stated[Fraction] | None) -> Fraction | None:
    return None if stated is None else stated.value
