"""Model -> the plan's records of votes, tiers, deals, crises and people."""

from __future__ import annotations

from fractions import Fraction

from . import model as m
from . import plan_order as p
from .model.order import Crisis, Organisation, Signal, Step
from .semantics.hierarchy import group_counts
from .verify.obligations.organisations import tier_sizes
from .verify.obligations.security import enter_after_a_loss, talk_within


def votes(fleet: m.Fleet) -> tuple[p.VotePlan, ...]:
    return tuple(_vote(one) for one in fleet.consensuses if one.groups or one.tie or one.remember_seconds)


def _vote(one: m.Consensus) -> p.VotePlan:
    groups = one.groups
    return p.VotePlan(
        quorum=one.name,
        random_groups=groups is not None and groups.random,
        group_size=groups.size.value if groups is not None else None,
        levels=groups.levels.value if groups is not None else 1,
        layout=(1,) if groups is None else group_counts(one.members.value, groups.size.value, groups.levels.value),
        confidence=_value(groups.confidence) if groups is not None else None,
        margin=_value(groups.margin) if groups is not None else None,
        tie_pool=one.tie.value if one.tie is not None else None,
        remember_seconds=_value(one.remember_seconds),
        origin=one.at,
    )


def organisations(fleet: m.Fleet) -> tuple[p.OrganisationPlan, ...]:
    return tuple(_organisation(one) for one in fleet.organisations)


def _organisation(one: Organisation) -> p.OrganisationPlan:
    sizes = tier_sizes(one)
    return p.OrganisationPlan(
        name=one.name,
        tiers=tuple(
            p.TierPlan(tier.name, size, tier.pool or None, -(-below // size) if size else 0)
            for tier, size, below in zip(one.tiers, sizes, (*sizes[1:], 0), strict=True)
        ),
        span=one.span.value if one.span is not None else None,
        reassign_seconds=_value(one.reassign_seconds),
        escalate_seconds=_value(one.escalate_seconds),
        decide_seconds=_value(one.decide_seconds),
        results_seconds=_value(one.results_seconds),
        origin=one.at,
    )


def patterns(fleet: m.Fleet) -> tuple[p.PatternPlan, ...]:
    owners = [(one.name, one.pattern) for one in fleet.organisations]
    owners += [(pool.name, pool.pattern) for pool in fleet.pools]
    return tuple(
        p.PatternPlan(name, pattern.kind, pattern.most.value, pattern.at)
        for name, pattern in owners
        if pattern is not None
    )


def negotiations(fleet: m.Fleet) -> tuple[p.NegotiationPlan, ...]:
    return tuple(
        p.NegotiationPlan(
            name=one.name,
            buyers=one.buyers,
            sellers=one.sellers,
            rounds=one.rounds.value,
            round_seconds=one.round_seconds.value,
            mediator=one.mediator,
            mediator_seconds=_value(one.mediator_seconds),
            limit_seconds=one.limit_seconds.value,
            origin=one.at,
        )
        for one in fleet.negotiations
    )


def crises(fleet: m.Fleet) -> tuple[p.CrisisPlan, ...]:
    return tuple(_crisis(one) for one in fleet.crises)


def _crisis(one: Crisis) -> p.CrisisPlan:
    levels = sorted((level.value, signals.value) for level, signals in one.levels)
    return p.CrisisPlan(
        name=one.name,
        signals=tuple(_signal(signal) for signal in one.signals),
        levels=tuple(p.LevelPlan(level, signals) for level, signals in levels),
        steps=tuple(p.StepPlan(step.actions, _by(step)) for step in one.steps),
        origin=one.at,
    )


def _signal(one: Signal) -> p.SignalPlan:
    above = Fraction(one.above.value) * (one.normal_seconds.value if one.normal_seconds is not None else 1)
    return p.SignalPlan(one.sign, _value(one.quantile), above)


def _by(step: Step) -> Fraction | None:
    if step.within_seconds is not None:
        return step.within_seconds.value
    return None if step.later else Fraction(0)


def roles(fleet: m.Fleet) -> tuple[p.RolePlan, ...]:
    return tuple(
        p.RolePlan(one.name, one.people.value, _value(one.answers_seconds), _value(one.decides_per_second), one.at)
        for one in fleet.roles
    )


def approvals(fleet: m.Fleet) -> tuple[p.ApprovalPlan, ...]:
    people = {role.name: role.people.value for role in fleet.roles}
    return tuple(
        p.ApprovalPlan(one.action, one.role, people[one.role], one.limit_seconds.value, one.otherwise, one.at)
        for one in fleet.approvals
    )


def stops(fleet: m.Fleet) -> tuple[p.StopPlan, ...]:
    stop = fleet.stop
    return () if stop is None else (p.StopPlan(stop.role, stop.limit_seconds.value, stop.at),)


def audits(fleet: m.Fleet) -> tuple[p.AuditPlan, ...]:
    kept = fleet.audit_seconds
    return () if kept is None else (p.AuditPlan(kept.value, kept.span),)


def security(fleet: m.Fleet) -> tuple[p.SecurityPlan, ...]:
    one = fleet.security
    if one is None:
        return ()
    closed, least = one.only_declared is not None, one.least_privilege is not None
    entering = tuple(p.EntryPlan(demand, pool) for demand, pool in enter_after_a_loss(fleet))
    return (p.SecurityPlan(one.mutual_tls, closed, least, tuple(talk_within(fleet)), entering, one.at),)


def _value(stated: m.Stated[Fraction] | None) -> Fraction | None:
    return None if stated is None else stated.value
