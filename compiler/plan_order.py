"""The part of the plan that says how agents decide, are organised, deal with one another and with people.

Each field says in its annotation what it is; the runtime document and its schema are made from these.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated

from seatrial.dsl.source import Span

from .model.order import Action, PatternKind, Sign


@dataclass(frozen=True, slots=True)
class VotePlan:
    """What a quorum does beyond counting."""

    quorum: Annotated[str, "The name of the quorum."]
    random_groups: Annotated[bool, "Groups are drawn at random for each question."]
    group_size: Annotated[int | None, "Voters of a group on each level; null: all vote at once."]
    levels: Annotated[int, "Levels of the vote, one after the other."]
    layout: Annotated[tuple[int, ...], "Groups that vote on each level, the first level first."]
    confidence: Annotated[Fraction | None, "Share of questions that come out as all members would have said."]
    margin: Annotated[Fraction | None, "How far, as a share, members must be off the majority for that."]
    tie_pool: Annotated[str | None, "An agent of this pool decides when the time is up."]
    remember_seconds: Annotated[Fraction | None, "A decided question is not voted on again for so long, in seconds."]
    origin: Span


@dataclass(frozen=True, slots=True)
class TierPlan:
    name: Annotated[str, "Unique in its organisation."]
    size: Annotated[int, "Agents of the tier in all."]
    pool: Annotated[str | None, "Whose agents they are."]
    reports: Annotated[int, "How many of the tier below report to one of it, at most; 0 for the last."]


@dataclass(frozen=True, slots=True)
class OrganisationPlan:
    name: Annotated[str, "Unique among organisations."]
    tiers: Annotated[tuple[TierPlan, ...], "From the top."]
    span: Annotated[int | None, "How many report to one at most."]
    reassign_seconds: Annotated[
        Fraction | None, "Work of a failed agent is with another of its tier by then, in seconds."
    ]
    escalate_seconds: Annotated[Fraction | None, "Else it is with the tier above by then, in seconds."]
    decide_seconds: Annotated[Fraction | None, "A failure is dealt with after this time, in seconds."]
    results_seconds: Annotated[Fraction | None, "Results are at the top after this time, in seconds."]
    origin: Span


@dataclass(frozen=True, slots=True)
class PatternPlan:
    of: Annotated[str, "The pool or organisation that talks like this."]
    kind: Annotated[PatternKind, "How its agents talk."]
    up_to: Annotated[int, "Up to how many agents it suits."]
    origin: Span


@dataclass(frozen=True, slots=True)
class NegotiationPlan:
    name: Annotated[str, "Unique among negotiations."]
    buyers: Annotated[str, "One pool."]
    sellers: Annotated[str, "The other."]
    rounds: Annotated[int, "Rounds of offers at most."]
    round_seconds: Annotated[Fraction, "Time of a round, in seconds."]
    mediator: Annotated[str | None, "The pool that decides a deadlock."]
    mediator_seconds: Annotated[Fraction | None, "Time for that, in seconds."]
    limit_seconds: Annotated[Fraction, "It is over after this time, in seconds."]
    origin: Span


@dataclass(frozen=True, slots=True)
class SignalPlan:
    sign: Annotated[Sign, "What is watched."]
    quantile: Annotated[Fraction | None, "Of latency, as a share."]
    above: Annotated[Fraction, "Seconds of latency, a share of errors or overhead, a count of items or conflicts."]


@dataclass(frozen=True, slots=True)
class LevelPlan:
    level: Annotated[int, "Higher is worse."]
    signals: Annotated[int, "So many signals at once."]


@dataclass(frozen=True, slots=True)
class StepPlan:
    actions: Annotated[tuple[Action, ...], "What is done."]
    within_seconds: Annotated[Fraction | None, "By then, in seconds; null: when the crisis is over."]


@dataclass(frozen=True, slots=True)
class CrisisPlan:
    name: Annotated[str, "Unique among crises."]
    signals: Annotated[tuple[SignalPlan, ...], "By what it is known."]
    levels: Annotated[tuple[LevelPlan, ...], "How bad it is."]
    steps: Annotated[tuple[StepPlan, ...], "What is done, in this order; 0 seconds is at once."]
    origin: Span


@dataclass(frozen=True, slots=True)
class RolePlan:
    name: Annotated[str, "Unique among roles."]
    people: Annotated[int, "How many people share it."]
    answers_seconds: Annotated[Fraction | None, "How long they take to answer, in seconds."]
    decides_per_second: Annotated[Fraction | None, "Per second, what one of them can decide."]
    origin: Span


@dataclass(frozen=True, slots=True)
class ApprovalPlan:
    action: Annotated[str, "What must not be done without a person's word."]
    role: Annotated[str, "Whose word."]
    people: Annotated[int, "How many people have that role."]
    within_seconds: Annotated[Fraction, "How long is waited for it, in seconds."]
    otherwise: Annotated[str, "deny or allow, when none comes."]
    origin: Span


@dataclass(frozen=True, slots=True)
class StopPlan:
    role: Annotated[str, "Who may pull it."]
    within_seconds: Annotated[Fraction, "Everything stands after this time, in seconds."]
    origin: Span


@dataclass(frozen=True, slots=True)
class AuditPlan:
    keep_seconds: Annotated[Fraction, "Decisions of agents are kept for so long, in seconds."]
    origin: Span


@dataclass(frozen=True, slots=True)
class EntryPlan:
    demand: Annotated[str, "Whose gateway."]
    pool: Annotated[str, "Where it may come in."]


@dataclass(frozen=True, slots=True)
class SecurityPlan:
    mutual_tls: Annotated[bool, "Both ends of each connection prove who they are."]
    only_declared_calls: Annotated[bool, "What is not a declared call is refused."]
    least_privilege: Annotated[bool, "Agents have no rights in the cluster."]
    within: Annotated[tuple[str, ...], "Pools whose own agents have to talk with one another, and may."]
    entering: Annotated[
        tuple[EntryPlan, ...], "Demands that come to a pool besides when it takes over for another one."
    ]
    origin: Span
