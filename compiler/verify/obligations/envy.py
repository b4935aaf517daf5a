"""Envy: under a quota's division nobody would rather have another's share, each measured by its weight."""

from __future__ import annotations

from fractions import Fraction

from ...model.money import Fairness, Quota, Tenant
from ...semantics.fairness import envied, max_min
from ..exact.expression import Expression, Leaf, Order, Relation, derived, lift
from ..flows.analysis import Analysis
from ..obligation import Condition, Obligation
from ..words import number, share
from .quotas import ceiling_of, claims, floor_of


def envy(analysis: Analysis) -> list[Obligation]:
    return [_free(quota) for quota in analysis.fleet.quotas if quota.no_envy is not None]


_DIVIDED = {
    Fairness.PROPORTIONAL: "it is divided in proportion to what is asked for",
    Fairness.PRIORITY: "it is given by priority",
    Fairness.FIRST_COME: "it is given to whoever asks first",
}


def _free(quota: Quota) -> Obligation:
    """Unsatisfiable iff, when all ask for as much as they may have, some tenant that is not at its own ceiling has less
    for its weight than another has.

    Weighted max-min is free of envy by itself; floors above a fair part make it. That corner is the worst: a tenant
    that asks for less leaves more to all others, and envies nobody. Source: Foley, "Resource allocation and the public
    sector" (1967); Varian, "Equity, envy, and efficiency" (1974). By priority, or first come, what one gets is up to
    the others, so that it cannot be promised.
    """
    assert quota.no_envy is not None
    id, claim = f"quota/{quota.name}/envy", f"no tenant of {quota.name} envies another"
    whole, asked = quota.per_second.value, claims(quota)
    weights = [one.weight.value for one in quota.tenants]
    if quota.fair.value is not Fairness.MAX_MIN:
        gap = f"{_DIVIDED[quota.fair.value]}: who gets what is up to what the others ask for; write `fair max-min`"
        return Obligation(id, claim, quota.no_envy, "ST3104", must=(), gap=gap)
    if sum((one.floor for one in asked), Fraction(0)) > whole or not all(weights):
        gap = "the floors do not fit" if all(weights) else "a weight of 0 measures nothing"
        return Obligation(id, claim, quota.no_envy, "ST3104", must=(), gap=gap)
    got = max_min(whole, asked)
    basis = [one for tenant in quota.tenants for one in _literals(quota, tenant)]
    worst = envied(got, weights, [one.ceiling for one in asked])
    by, of, factor = worst if worst is not None else (0, 0, Fraction(1))
    names = [one.name for one in quota.tenants]
    broken = (
        f"when all ask for all, {names[by]} gets {share(got[by] / whole)} by weight {number(weights[by])} and "
        f"{names[of]} {share(got[of] / whole)} by weight {number(weights[of])}: {number(factor)} times as much for its "
        "weight"
    )
    room = f"when all ask for all, each of {number(len(names))} tenants has as much for its weight as any other"
    more = derived(f"most that is envied in {quota.name}", factor, basis)
    return Obligation(
        id=id,
        claim=claim,
        at=quota.no_envy,
        code="ST3104",
        must=(Condition(Relation(more, Order.AT_MOST, lift(1)), broken, room),),
        gap="" if names else "the quota names no tenants",
    )


def _literals(quota: Quota, tenant: Tenant) -> list[Expression]:
    weight = f"weight {number(tenant.weight.value)}"
    found: list[Expression] = [Leaf(f"weight of {tenant.name} in {quota.name}", tenant.weight, weight, positive=True)]
    if tenant.floor is not None:
        found.append(floor_of(quota, tenant))
    if tenant.ceiling is not None:
        found.append(ceiling_of(quota, tenant, tenant.ceiling))
    return found
