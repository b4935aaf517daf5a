"""The part of the plan that says how money, tokens and work are divided, bid for and paid.

Each field says in its annotation what it is; the runtime document and its schema are made from these. Invariant: what
a rule fixes beforehand is worked out here, None is what only the run can tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated

from seatrial.dsl.source import Span

from .model import Period, Scope
from .model.money import Fairness, Rule


@dataclass(frozen=True, slots=True)
class PoolShare:
    pool: Annotated[str, "Whose agents."]
    agents: Annotated[int, "The most agents that there may be."]
    priority: Annotated[int, "Lower ones lose first where pre-emption is on."]
    weight: Annotated[Fraction | None, "Weight of one agent where the rule fixes it beforehand."]
    dollars_each: Annotated[Fraction | None, "US dollars for one agent in a period with all agents running."]
    votes_each: Annotated[int | None, "Votes of one agent in a dispute."]


@dataclass(frozen=True, slots=True)
class DivisionPlan:
    scope: Annotated[Scope, "What the budget counts."]
    period: Annotated[Period, "How often it begins anew."]
    dollars: Annotated[Fraction, "US dollars in a period."]
    rule: Annotated[Rule, "By what it is divided among agents."]
    auction: Annotated[str | None, "The auction that divides it."]
    floor_dollars: Annotated[Fraction | None, "US dollars that each agent gets at least in a period."]
    ceiling_dollars: Annotated[Fraction | None, "US dollars that each agent gets at most in a period."]
    preempt_lowest_first: Annotated[bool, "Where money is short the lowest priority is cut down to its floor first."]
    stop_at_dollars: Annotated[Fraction | None, "US dollars spent at which agents stop; what is in hand fits above it."]
    dispute_majority: Annotated[Fraction | None, "A dispute is decided by more than this share of all votes."]
    pools: Annotated[tuple[PoolShare, ...], "The pools that share it."]
    origin: Span


@dataclass(frozen=True, slots=True)
class TenantPlan:
    name: Annotated[str, "Unique in its quota."]
    weight: Annotated[Fraction, "Its weight under max-min."]
    priority: Annotated[int, "Higher goes first under `priority first`."]
    floor: Annotated[Fraction | None, "Share of the quota that it gets whenever it asks for it."]
    ceiling: Annotated[Fraction | None, "Share of the quota that it gets at most."]
    guaranteed_per_second: Annotated[Fraction | None, "Per second, what it gets whatever the others ask for."]


@dataclass(frozen=True, slots=True)
class QuotaPlan:
    dependency: Annotated[str, "Of what."]
    what: Annotated[str, "tokens or requests."]
    per_second: Annotated[Fraction, "Per second."]
    period_seconds: Annotated[int, "The period over which it is counted, in seconds."]
    fair: Annotated[Fairness, "How it is divided."]
    charge_after: Annotated[bool, "Calls are counted when they have ended."]
    stop_when_used_up: Annotated[bool, "A tenant without a rest waits for the next period."]
    tenants: Annotated[tuple[TenantPlan, ...], "Who shares it."]
    in_hand: Annotated[int, "Requests that all its callers may have under way at once."]
    overshoot: Annotated[
        Fraction | None, "Tokens or requests that those, and calls that were given up, may still use; null: not known."
    ]
    origin: Span


@dataclass(frozen=True, slots=True)
class AuctionPlan:
    """Fields of the other kinds are None."""

    name: Annotated[str, "Unique among auctions."]
    kind: Annotated[str, "dutch, english or combinatorial."]
    start_dollars: Annotated[Fraction | None, "US dollars at which a Dutch auction starts."]
    drop: Annotated[Fraction | None, "Share by which the price falls in a step."]
    reserve_dollars: Annotated[Fraction | None, "US dollars below which it does not fall."]
    step_seconds: Annotated[Fraction | None, "Time of a step, in seconds."]
    lasting_seconds: Annotated[Fraction | None, "How long bids are taken, in seconds."]
    bids_every_seconds: Annotated[Fraction | None, "Time to answer a bid, in seconds."]
    items: Annotated[int | None, "Most items in one combinatorial auction."]
    deadline_seconds: Annotated[Fraction, "It is over after this time, in seconds."]
    origin: Span


@dataclass(frozen=True, slots=True)
class ContractPlan:
    caller: Annotated[str, "The pool that pays."]
    callee: Annotated[str, "The pool that promises."]
    deadline_seconds: Annotated[Fraction, "Each call is done within this time, in seconds."]
    dollars: Annotated[Fraction, "US dollars for each call that is done in time."]
    penalty_dollars: Annotated[Fraction | None, "US dollars that a breach costs."]
    exclude_after: Annotated[int | None, "Breaches after which an agent gets no more work."]
    reputation_seconds: Annotated[Fraction, "How long a breach counts, in seconds."]
    pay_at_most_dollars_per_hour: Annotated[Fraction | None, "US dollars an hour, averaged over the stated period."]
    origin: Span


@dataclass(frozen=True, slots=True)
class EconomicsPlan:
    pool: Annotated[str, "Whose agents."]
    dollars_per_request: Annotated[Fraction, "US dollars that an answered request earns."]
    contention: Annotated[Fraction, "Share of its work that an agent loses for each other one."]
    coherency: Annotated[Fraction, "Share of its work that an agent loses for each pair of others."]
    best_agents: Annotated[int | None, "The most profitable number of agents at the steady level."]
    breaks_even_agents: Annotated[int | None, "The most agents with which nothing is lost."]
    origin: Span


@dataclass(frozen=True, slots=True)
class BillLine:
    kind: Annotated[str, "agents, nodes, tokens or data."]
    name: Annotated[str, "The pool, node class or dependency."]
    quantity: Annotated[Fraction, "How much, in `unit`."]
    unit: Annotated[str, "agent-hours, node-hours, tokens or GB."]
    dollars: Annotated[Fraction, "US dollars."]


@dataclass(frozen=True, slots=True)
class BillPlan:
    period: Annotated[Period, "Of which period."]
    below_dollars: Annotated[Fraction, "US dollars that are allowed."]
    predicted_dollars: Annotated[Fraction | None, "US dollars that are predicted at the stated demand."]
    lines: Annotated[tuple[BillLine, ...], "What they are made of."]
    origin: Span
