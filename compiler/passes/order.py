"""Clauses -> how agents decide, are organised, deal with one another and with people, and what they may reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from seatrial.dsl.clauses import Clause
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..model import Consensus, Fleet, Pool, Stated
from ..model.order import (
    Action,
    Approval,
    Crisis,
    EmergencyStop,
    Groups,
    Negotiation,
    Organisation,
    Pattern,
    PatternKind,
    Role,
    Security,
    Sign,
    Signal,
    Step,
    Tier,
)
from . import defaults, stated
from .symbols import Symbols, unknown_name

Of = Callable[[str], list[Clause]]


def with_order(fleet: Fleet, of: Of, symbols: Symbols, found: list[Diagnostic]) -> Fleet:
    """The fleet with its organisations, negotiations, crises, roles and what these may do."""
    roles = tuple(_role(child) for child in of("role"))
    names = [role.name for role in roles]
    audit, stop, secure = of("audit"), of("stop"), of("secure")
    for clause in (*of("approve"), *stop):
        if clause.values["role"].text not in names:
            found.append(unknown_name(clause.values["role"], "role", names))
    return replace(
        fleet,
        organisations=tuple(_organisation(child, symbols, found) for child in of("organisation")),
        negotiations=tuple(one for child in of("negotiation") if (one := _negotiation(child, symbols, found))),
        crises=tuple(_crisis(child, found) for child in of("crisis")),
        roles=roles,
        approvals=tuple(_approval(child) for child in of("approve")),
        audit_seconds=stated.amount(audit[0], "time") if audit else None,
        stop=EmergencyStop(stop[0].head, stated.amount(stop[0], "limit"), stop[0].values["role"].text)
        if stop
        else None,
        security=_security(secure[0], found) if secure else None,
    )


def with_vote(vote: Consensus, clause: Clause, symbols: Symbols, found: list[Diagnostic]) -> Consensus:
    groups, tie, remember = clause.child("groups"), clause.child("tie"), clause.child("remember")
    breaker: Stated[str] | None = None
    if tie is not None and symbols.find(tie.values["pool"], ("pool",), found):
        breaker = stated.word(tie, "pool")
    return replace(
        vote,
        groups=_groups(groups) if groups is not None else None,
        tie=breaker,
        remember_seconds=stated.maybe_amount(remember, "time"),
    )


def _groups(clause: Clause) -> Groups:
    margin, count = clause.child("margin"), clause.child("count")
    return Groups(
        at=clause.head,
        random="drawn" in clause.values,
        size=stated.whole(clause, "size"),
        levels=stated.whole(clause, "levels"),
        confidence=stated.maybe_amount(margin, "confidence"),
        margin=stated.maybe_amount(margin, "margin"),
        count_seconds=stated.maybe_amount(count, "time") or stated.filled(defaults.VOTE_COUNT, clause),
    )


def with_pattern(pool: Pool, clause: Clause) -> Pool:
    return replace(pool, pattern=_pattern(clause))


def _pattern(owner: Clause) -> Pattern | None:
    clause = owner.child("pattern")
    if clause is None:
        return None
    kind = PatternKind(clause.values["kind"].text)
    most = stated.maybe_whole(clause, "most") or stated.filled_whole(defaults.PATTERN_MOST[kind], clause)
    return Pattern(clause.head, kind, most)


def _organisation(clause: Clause, symbols: Symbols, found: list[Diagnostic]) -> Organisation:
    levels, failure, results = clause.child("levels"), clause.child("failure"), clause.child("results")
    tiers: list[Tier] = []
    for row in levels.groups["levels"] if levels is not None else ():
        pool = row.get("pool")
        named = pool.text if pool is not None and symbols.find(pool, ("pool",), found) else ""
        count = Stated(int(row["count"].amount), row["count"].span, stated.text_of(clause))
        tiers.append(Tier(row["name"].text, count, "each" in row, named))
    span = clause.child("span")
    return Organisation(
        name=clause.values["name"].text,
        at=clause.head,
        tiers=tuple(tiers),
        span=stated.maybe_whole(span, "span"),
        reassign_seconds=stated.maybe_amount(failure, "reassign"),
        escalate_seconds=stated.maybe_amount(failure, "escalate"),
        decide_seconds=stated.maybe_amount(clause.child("decide"), "limit"),
        results_seconds=stated.maybe_amount(results, "limit"),
        hop_seconds=stated.maybe_amount(results, "hop"),
        pattern=_pattern(clause),
    )


def _negotiation(clause: Clause, symbols: Symbols, found: list[Diagnostic]) -> Negotiation | None:
    rounds, mediator, limit = clause.child("rounds"), clause.child("mediator"), clause.child("limit")
    known = [symbols.find(clause.values[side], ("pool",), found) for side in ("buyers", "sellers")]
    if mediator is not None:
        known.append(symbols.find(mediator.values["pool"], ("pool",), found))
    if not all(known) or rounds is None or limit is None:
        return None
    return Negotiation(
        name=clause.values["name"].text,
        at=clause.head,
        buyers=clause.values["buyers"].text,
        sellers=clause.values["sellers"].text,
        rounds=stated.whole(rounds, "rounds"),
        round_seconds=stated.amount(rounds, "time"),
        mediator=mediator.values["pool"].text if mediator is not None else None,
        mediator_seconds=stated.maybe_amount(mediator, "time"),
        limit_seconds=stated.amount(limit, "limit"),
    )


def _crisis(clause: Clause, found: list[Diagnostic]) -> Crisis:
    signals = []
    for child in clause.all("when"):
        sign = Sign(child.form.key.partition(":")[2])
        field = {Sign.LATENCY: "factor", Sign.ERRORS: "share", Sign.OVERHEAD: "share"}.get(sign, "items")
        signals.append(
            Signal(
                at=child.head,
                sign=sign,
                above=stated.whole(child, field) if field == "items" else stated.amount(child, field),
                quantile=stated.maybe_amount(child, "quantile"),
                normal_seconds=stated.maybe_amount(child, "normal"),
            )
        )
    steps = [
        Step(
            at=child.head,
            actions=tuple(Action(row["action"].text) for row in child.groups["actions"]),
            within_seconds=stated.maybe_amount(child, "limit"),
            later=slot == "later",
        )
        for slot in ("once", "within", "later")
        for child in clause.all(slot)
    ]
    if not (signals and steps) and clause.sound:
        missing = "by which sign it is known" if not signals else "what is then done"
        found.append(
            Diagnostic(
                "ST1002",
                Severity.ERROR,
                f"`crisis {clause.values['name'].text}` does not say {missing}",
                (Label(clause.head),),
                help="add for example `when queue > 100` and `at once shed low`",
            )
        )
    return Crisis(
        name=clause.values["name"].text,
        at=clause.head,
        signals=tuple(signals),
        levels=tuple((stated.whole(child, "level"), stated.whole(child, "signals")) for child in clause.all("level")),
        steps=tuple(steps),
    )


def _role(clause: Clause) -> Role:
    people = clause.child("people")
    return Role(
        name=clause.values["name"].text,
        at=clause.head,
        people=stated.maybe_whole(people, "count") or stated.filled_whole(defaults.WEIGHT, clause),
        answers_seconds=stated.maybe_amount(clause.child("answers"), "time"),
        decides_per_second=stated.maybe_amount(clause.child("decides"), "rate"),
    )


def _approval(clause: Clause) -> Approval:
    return Approval(
        at=clause.head,
        action=clause.values["action"].text,
        role=clause.values["role"].text,
        limit_seconds=stated.amount(clause, "limit"),
        otherwise=clause.values["otherwise"].text,
        asked_per_second=stated.maybe_amount(clause.child("asked"), "rate"),
    )


def _security(clause: Clause, found: list[Diagnostic]) -> Security:
    if not clause.children and clause.sound:
        found.append(
            Diagnostic(
                "ST1002",
                Severity.ERROR,
                "`secure` does not say what is to be secured",
                (Label(clause.head),),
                help="write `secure { mutual tls; only declared calls; least privilege }`",
            )
        )
    calls, privilege = clause.child("calls"), clause.child("privilege")
    return Security(
        at=clause.head,
        mutual_tls=clause.child("tls") is not None,
        only_declared=calls.head if calls is not None else None,
        least_privilege=privilege.head if privilege is not None else None,
    )
