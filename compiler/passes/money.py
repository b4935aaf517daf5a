"""Clauses -> how money, tokens and work are divided, bid for and paid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from seatrial.dsl.clauses import Clause
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity
from seatrial.dsl.quantities import PER_UNITS

from ..model import Budget, Call, CalleeKind, Dependency, Fleet, Pool, Scope, Stated
from ..model.money import (
    Auction,
    Combinatorial,
    Contract,
    Dispute,
    Division,
    Dutch,
    Economics,
    English,
    Fairness,
    Overhead,
    Quota,
    Rule,
    Tenant,
    Weight,
)
from . import defaults, stated
from .spends import spend
from .symbols import Symbols, unknown_name

Of = Callable[[str], list[Clause]]


def with_money(fleet: Fleet, of: Of, symbols: Symbols, found: list[Diagnostic]) -> Fleet:
    """The fleet with its quotas, auctions and contracts, and with budgets that say how they are divided."""
    auctions = tuple(one for child in of("auction") if (one := _auction(child, found)) is not None)
    names = [one.name for one in auctions]
    divided = [
        _divided(budget, child, symbols, names, found)
        for budget, child in zip(fleet.budgets, of("budget"), strict=True)
    ]
    bills = [child for child in of("guarantee") if child.form.key == "guarantee:bill"]
    return replace(
        fleet,
        budgets=tuple(divided),
        auctions=auctions,
        quotas=tuple(quota for child in of("quota") if (quota := _quota(child, symbols, found)) is not None),
        contracts=tuple(pact for child in of("contract") if (pact := _contract(child, fleet.calls, symbols, found))),
        bills=tuple(_spend(child) for child in bills),
    )


def _divided(budget: Budget, clause: Clause, symbols: Symbols, auctions: list[str], found: list[Diagnostic]) -> Budget:
    if not clause.children:
        return budget
    each, share, dispute = clause.child("each"), clause.child("share"), clause.child("dispute")
    preempt, stop = clause.child("preempt"), clause.child("stop")
    floor, ceiling = stated.maybe_amount(each, "least"), stated.maybe_amount(each, "most")
    if each is not None and "each" in each.values:
        value, text = each.values["each"], stated.text_of(each)
        floor = Stated(value.amount, value.span, text)
        ceiling = floor if value.high is None or value.high_span is None else Stated(value.high, value.high_span, text)
    rule, weights, auction = Rule.EQUALLY, [], None
    at, said = (clause.head, "share equally") if share is None else (share.head, stated.text_of(share))
    if share is not None and "rule" in share.values:
        rule = Rule(share.values["rule"].text)
    for row in share.groups.get("weights", ()) if share is not None else ():
        rule = Rule.WEIGHT
        if symbols.find(row["pool"], ("pool",), found) and share is not None:
            weights.append(Weight(row["pool"].text, stated.in_row(share, row, "weight")))
    if share is not None and "auction" in share.values:
        rule, auction = Rule.AUCTION, stated.word(share, "auction")
        if auction.value not in auctions:
            found.append(unknown_name(share.values["auction"], "auction", auctions))
    division = Division(
        at=clause.head,
        rule=Stated(rule, at, said, defaults.LANGUAGE if share is None else ""),
        floor=floor,
        ceiling=ceiling,
        weights=tuple(weights),
        auction=auction,
        preempt=preempt.head if preempt is not None else None,
        stop=stop.head if stop is not None else None,
        dispute=_dispute(dispute),
    )
    return replace(budget, division=division)


def _dispute(clause: Clause | None) -> Dispute | None:
    weights, majority = (clause.child("weights"), clause.child("majority")) if clause is not None else (None, None)
    if clause is None or weights is None or majority is None:
        return None
    alone = clause.child("alone")
    votes = [
        (
            defaults.PRIORITIES[row["level"].text],
            Stated(int(row["weight"].amount), row["weight"].span, stated.text_of(weights)),
        )
        for row in weights.groups["levels"]
    ]
    return Dispute(
        at=clause.head,
        weights=tuple(votes),
        majority=stated.amount(majority, "share"),
        least_share=stated.maybe_amount(clause.child("least"), "share"),
        no_pool_alone=alone.head if alone is not None else None,
    )


def _quota(clause: Clause, symbols: Symbols, found: list[Diagnostic]) -> Quota | None:
    if not symbols.find(clause.values["dependency"], ("dependency",), found):
        return None
    fair, starves, charge = clause.child("fair"), clause.child("starves"), clause.child("charge")
    envy = clause.child("envy")
    rate = stated.amount(clause, "rate")
    met: dict[str, Tenant] = {}
    for child in clause.all("tenant"):
        name = child.values["name"]
        if name.text in met:
            found.append(
                Diagnostic(
                    "ST1010",
                    Severity.ERROR,
                    f"the name `{name.text}` is taken",
                    (Label(name.span, "again here"), Label(met[name.text].at, "the first tenant of this name")),
                    help="the tenants of a quota have different names",
                )
            )
            continue
        met[name.text] = Tenant(
            name=name.text,
            at=child.head,
            weight=stated.maybe_amount(child.child("weight"), "weight") or stated.filled(defaults.WEIGHT, child),
            floor=stated.maybe_amount(child.child("floor"), "share"),
            ceiling=stated.maybe_amount(child.child("ceiling"), "share"),
            priority=stated.priority(child.child("priority")),
        )
    return Quota(
        at=clause.head,
        what=clause.values["what"].text,
        per_second=rate,
        period_seconds=int(PER_UNITS[rate.span.text.rpartition("/")[2]]) if "/" in rate.span.text else 1,
        dependency=stated.word(clause, "dependency"),
        tenants=tuple(met.values()),
        fair=Stated(Fairness(fair.values["rule"].text), fair.values["rule"].span, stated.text_of(fair))
        if fair is not None
        else Stated(Fairness.MAX_MIN, clause.head, "fair max-min", defaults.LANGUAGE),
        nobody_starves=starves.head if starves is not None else None,
        no_envy=envy.head if envy is not None else None,
        charge_after=Stated(False, clause.head, "charge before the call", defaults.LANGUAGE)
        if charge is None
        else Stated(charge.values["when"].text == "after", charge.values["when"].span, stated.text_of(charge)),
        stop=clause.child("stop") is not None,
    )


def _auction(clause: Clause, found: list[Diagnostic]) -> Auction | None:
    kind, deadline = clause.child("kind"), clause.child("deadline")
    if kind is None and clause.sound:
        found.append(
            Diagnostic(
                "ST1002",
                Severity.ERROR,
                f"`auction {clause.values['name'].text}` does not say of which kind it is",
                (Label(clause.head, "how are bids made?"),),
                help="add for example `english 1m, bids every 5s`",
            )
        )
    if kind is None or deadline is None:
        return None
    how: Dutch | English | Combinatorial
    if kind.form.key == "kind:dutch":
        how = Dutch(
            stated.amount(kind, "start"),
            stated.amount(kind, "drop"),
            stated.amount(kind, "step"),
            stated.maybe_amount(kind, "reserve"),
        )
        if not 0 < how.drop.value < 1:
            found.append(
                Diagnostic(
                    "ST1104",
                    Severity.ERROR,
                    "a price that falls does so by more than 0% and less than 100% in a step",
                    (Label(how.drop.span),),
                    help="write for example down 5% per 1s",
                )
            )
            return None
    elif kind.form.key == "kind:english":
        how = English(stated.amount(kind, "lasting"), stated.amount(kind, "every"))
    else:
        step = stated.maybe_amount(kind, "step") or stated.filled(defaults.AUCTION_STEP, kind)
        how = Combinatorial(stated.whole(kind, "items"), stated.amount(kind, "lasting"), step)
    return Auction(clause.values["name"].text, clause.head, how, stated.amount(deadline, "deadline"))


def _contract(clause: Clause, calls: tuple[Call, ...], symbols: Symbols, found: list[Diagnostic]) -> Contract | None:
    caller, callee, done = clause.values["caller"], clause.values["callee"], clause.child("done")
    known = symbols.find(caller, ("pool",), found)
    if not (symbols.find(callee, ("pool",), found) and known) or done is None:
        return None
    edges = [call for call in calls if call.callee_kind is CalleeKind.POOL]
    if not any((call.caller, call.callee) == (caller.text, callee.text) for call in edges):
        found.append(
            Diagnostic(
                "ST1351",
                Severity.ERROR,
                f"there is no call {caller.text} -> {callee.text} that a contract could be about",
                (Label(caller.span.to(callee.span)),),
                help=f"declare it: `call {caller.text} -> {callee.text}`",
            )
        )
        return None
    pay = clause.child("pay")
    spend = _spend(pay) if pay is not None else None
    return Contract(
        at=clause.head,
        caller=caller.text,
        callee=callee.text,
        deadline_seconds=stated.amount(done, "deadline"),
        dollars=stated.amount(done, "price"),
        penalty_dollars=stated.maybe_amount(clause.child("penalty"), "penalty"),
        exclude_after=stated.maybe_whole(clause.child("exclude"), "breaches"),
        reputation_seconds=stated.maybe_amount(clause.child("reputation"), "window")
        or stated.filled(defaults.REPUTATION, clause),
        pay_at_most=spend.dollars if spend is not None else None,
        pay_hours=spend.period.hours if spend is not None else 1,
    )


def _spend(clause: Clause) -> Budget:
    return spend(clause, Scope.TOTAL)


def with_economics(pool: Pool, clause: Clause) -> Pool:
    value, overhead = clause.child("value"), clause.child("overhead")
    if value is not None:
        pool = replace(pool, economics=Economics(value.head, stated.amount(value, "value")))
    if overhead is not None:
        pairs = stated.maybe_amount(overhead, "coherency") or stated.filled(defaults.NO_OVERHEAD, clause)
        pool = replace(pool, overhead=Overhead(stated.amount(overhead, "contention"), pairs))
    return pool


def with_data_price(dependency: Dependency, clause: Clause) -> Dependency:
    price = clause.child("price-bytes")
    if price is None:
        return dependency
    dollars = stated.amount(price, "price")
    per_byte = Stated(dollars.value / price.values["size"].amount, dollars.span, dollars.clause)
    return replace(dependency, dollars_per_byte=per_byte)


def bytes_of(clause: Clause) -> Stated[Fraction] | None:
    return stated.maybe_amount(clause.child("bytes"), "size")
