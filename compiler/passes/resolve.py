"""Clauses -> the model. The one pass that turns names into what they stand for.

Invariant: there is a model only where no error was told; each name in it is the name of something that is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from seatrial.dsl.clauses import Clause
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity
from seatrial.dsl.versions import not_read

from ..model import (
    AmplificationGuarantee,
    Call,
    CallerKind,
    Consensus,
    FaultKind,
    Fleet,
    LatencyGuarantee,
    Pool,
    RecoveryGuarantee,
    Scope,
    Stated,
    SuccessGuarantee,
    ThroughputGuarantee,
    UseGuarantee,
)
from . import defaults, stated, world
from .calls import call, serves, unroutable
from .empty import empty
from .failing import bulkhead
from .losses import with_losses
from .money import with_data_price, with_economics, with_money
from .namespace import namespace
from .order import with_order, with_pattern, with_vote
from .pools import pool
from .queues import queue
from .spends import spend
from .symbols import Symbols
from .trials import trial
from .unchanged import Unchanged, named_anew
from .untried import untried


def resolve(
    clauses: tuple[Clause, ...], assets: Mapping[str, str], unchanged: Unchanged | None = None
) -> tuple[Fleet | None, tuple[Diagnostic, ...]]:
    """The fleet of a file; None where it has none or where something in it does not resolve.

    `assets` maps the names of demands to the text of their recorded traces. `unchanged` knows the last fleet.
    """
    found: list[Diagnostic] = []
    for clause in clauses:
        refused = not_read(clause.values["version"]) if clause.form.slot == "language" else None
        if refused is not None:
            found.append(refused)
    fleets = [clause for clause in clauses if clause.form.slot == "fleet"]
    for extra in fleets[1:]:
        found.append(
            Diagnostic(
                "ST1010",
                Severity.ERROR,
                "a file describes one fleet",
                (Label(extra.head, "a second fleet"), Label(fleets[0].head, "the first one")),
                help="move it into a file of its own",
            )
        )
    if not fleets:
        return None, tuple(found)
    fleet = _fleet(fleets[0], assets, found, unchanged or Unchanged())
    if any(one.is_error for one in found) or not fleets[0].sound:
        return None, tuple(found)
    return fleet, tuple(found)


def _fleet(clause: Clause, assets: Mapping[str, str], found: list[Diagnostic], unchanged: Unchanged) -> Fleet | None:
    last = unchanged
    known = last.named(clause)
    named = known or named_anew(clause, found)
    symbols, of = named.symbols, named.of
    unchanged = unchanged.among(symbols, assets)

    def pool_of(child: Clause) -> tuple[Pool | None, list[Call | None], list[str]]:
        built = pool(child, symbols, found)
        if built is not None:
            built = with_pattern(with_economics(built, child), child)
        serving = child.all("serves")
        edges = [serves(inner, child.values["name"].text, symbols, found) for inner in serving]
        return built, edges, [inner.values["demand"].text for inner in serving]

    demands = tuple(filter(None, unchanged.each(of("demand"), lambda child: world.demand(child, assets, found), found)))
    built = unchanged.each(of("pool"), pool_of, found)
    pools = tuple([one for one, _, _ in built if one is not None])
    edges = [edge for _, edges, _ in built for edge in edges]
    edges += unchanged.each(of("call"), lambda child: call(child, symbols, found), found)
    resolved = [edge for edge in edges if edge is not None]
    symbols.unread_calls = not clause.sound or len(resolved) < len(edges)
    calls = tuple(resolved) if known is not None else _calls(resolved, found)
    unroutable(calls, pools, found)
    if clause.sound and known is None:
        serving = {
            one.values["name"].text: names for one, (_, _, names) in zip(of("pool"), built, strict=True) if names
        }
        _reach(of, serving, symbols, found)
    kinds: dict[str, list[Clause]] = {}
    for child in of("guarantee"):
        kinds.setdefault(child.form.key, []).append(child)
    trials = tuple(trial(child, symbols, demands, calls, found) for child in of("trial"))
    queues = tuple(waits for child in of("queue") if (waits := queue(child, symbols, found)) is not None)
    untried(trials, pools, calls, queues, found)
    title = clause.get("title")
    fleet = Fleet(
        name=clause.values["name"].text,
        title=title.text if title is not None else clause.values["name"].text,
        at=clause.head,
        nodes=tuple(world.nodes(child) for child in of("nodes")),
        survive=tuple(world.survive(child) for child in of("survive") if child.form.key == "survive"),
        demands=demands,
        dependencies=tuple(with_data_price(world.dependency(child, found), child) for child in of("dependency")),
        pools=pools,
        calls=calls,
        budgets=tuple(spend(child, Scope(child.values["scope"].text)) for child in of("budget")),
        consensuses=tuple(vote for child in of("consensus") if (vote := _consensus(child, symbols, found)) is not None),
        latency=tuple(_latency(child, symbols, found) for child in kinds.get("guarantee:latency", [])),
        success=tuple(_success(child, symbols, found) for child in kinds.get("guarantee:success", [])),
        recovery=tuple(
            RecoveryGuarantee(child.head, stated.amount(child, "limit"))
            for child in kinds.get("guarantee:recovery", [])
        ),
        amplification=tuple(
            AmplificationGuarantee(child.head, stated.amount(child, "factor"))
            for child in kinds.get("guarantee:amplification", [])
        ),
        cost=tuple(spend(child, Scope.TOTAL) for child in kinds.get("guarantee:cost", [])),
        trials=trials,
        throughput=tuple(
            ThroughputGuarantee(child.head, stated.word(child, "demand"), stated.amount(child, "rate"))
            for child in kinds.get("guarantee:throughput", [])
            if symbols.find(child.values["demand"], ("demand",), found)
        ),
        uses=tuple(
            UseGuarantee(child.head, Scope(child.values["scope"].text), stated.amount(child, "share"))
            for child in kinds.get("guarantee:use", [])
        ),
        queues=queues,
        namespace=next((namespace(child, found) for child in of("namespace")), None),
        unit_cost=next((stated.amount(child, "dollars") for child in kinds.get("guarantee:unit", [])), None),
        bulkheads=tuple(apart for child in of("bulkhead") if (apart := bulkhead(child, symbols, found)) is not None),
    )
    whole = with_losses(with_money(fleet, of, symbols, found), of, symbols, found)
    whole = with_order(whole, of, symbols, found)
    found += empty(whole)
    if any(one.is_error for one in found):
        return whole
    # Of names only this is told where there is no error.
    unreached = any(one.code == "ST1014" for one in found)
    return last.take(unchanged, whole, clause, named if clause.sound and not unreached else None)


def _calls(edges: list[Call], found: list[Diagnostic]) -> tuple[Call, ...]:
    """The edges without those that contradict an earlier one."""
    kept: dict[str, Call] = {}
    entries: dict[str, Call] = {}
    for edge in edges:
        if edge.caller_kind is CallerKind.DEMAND and entries.setdefault(edge.caller, edge).callee != edge.callee:
            found.append(
                Diagnostic(
                    "ST1016",
                    Severity.ERROR,
                    f"`demand {edge.caller}` comes in at two pools",
                    (Label(edge.at, "again here"), Label(entries[edge.caller].at, "comes in here")),
                    help="let one pool serve it and `call` the other, or split the demand in two",
                )
            )
            continue
        if edge.name in kept:
            found.append(
                Diagnostic(
                    "ST1010",
                    Severity.ERROR,
                    f"the call {edge.name} is declared twice",
                    (Label(edge.at, "again here"), Label(kept[edge.name].at, "first declared here")),
                    help="keep one of them",
                )
            )
            continue
        kept[edge.name] = edge
    return tuple(kept.values())


def _reach(
    of: Callable[[str], list[Clause]], serving: Mapping[str, list[str]], symbols: Symbols, found: list[Diagnostic]
) -> None:
    """A pool that nothing reaches, or a demand that nobody serves, is almost always a slip.

    `serving`: the demands that each pool says it serves.
    """
    # From what was written and not from the edges that resolved: a misspelt caller is enough of a message.
    served = {name for names in serving.values() for name in names}
    called = {one.values["callee"].text for one in of("call")}.union(serving)
    demands = [child.values["name"] for child in of("demand")]
    # While a demand goes nowhere, the pool that nothing reaches is most likely the one that should serve it.
    # While a call goes to a name that nothing declares, it may be the pool that was renamed.
    if demands and called <= symbols.parties.keys() and all(name.text in served for name in demands):
        for child in of("pool"):
            name = child.values["name"]
            if name.text not in called and symbols.parties[name.text][0] == "pool":
                found.append(
                    Diagnostic(
                        "ST1014",
                        Severity.WARNING,
                        f"nothing reaches `pool {name.text}`",
                        (Label(name.span, "serves no demand and is called by no pool"),),
                        help="add `serves DEMAND` to it, or a `call … -> " + name.text + "`",
                    )
                )
    # A misspelt `serves` is told where it stands, and may have been meant for this one.
    if served <= symbols.parties.keys():
        for name in demands:
            if name.text not in served and symbols.parties[name.text][0] == "demand":
                found.append(
                    Diagnostic(
                        "ST1015",
                        Severity.ERROR,
                        f"nobody serves `demand {name.text}`",
                        (Label(name.span, "goes nowhere"),),
                        help=f"add `serves {name.text}` to the pool where its requests come in",
                    )
                )


def _consensus(clause: Clause, symbols: Symbols, found: list[Diagnostic]) -> Consensus | None:
    known = symbols.find(clause.values["pool"], ("pool",), found)
    members, majority, tolerate = clause.child("members"), clause.child("majority"), clause.child("tolerate")
    if not known or members is None or majority is None:
        return None
    fault = tolerate.values["fault"].text.lower() if tolerate is not None else "crashed"
    vote = Consensus(
        name=clause.values["name"].text,
        at=clause.head,
        pool=stated.word(clause, "pool"),
        members=stated.whole(members, "members"),
        majority=stated.amount(majority, "share"),
        tolerate=stated.maybe_whole(tolerate, "faults") or stated.filled_whole(defaults.TOLERATE, clause),
        fault=FaultKind(fault),
        within_seconds=stated.maybe_amount(clause.child("within"), "limit"),
        round_seconds=stated.maybe_amount(clause.child("round"), "time"),
    )
    return with_vote(vote, clause, symbols, found)


def _demand_of(clause: Clause, symbols: Symbols, found: list[Diagnostic]) -> Stated[str] | None:
    value = clause.get("demand")
    if value is None or not symbols.find(value, ("demand",), found):
        return None
    return stated.word(clause, "demand")


def _latency(clause: Clause, symbols: Symbols, found: list[Diagnostic]) -> LatencyGuarantee:
    bounds: list[tuple[Stated[Fraction], Stated[Fraction]]] = [
        (stated.in_row(clause, row, "quantile"), stated.in_row(clause, row, "limit")) for row in clause.groups["bounds"]
    ]
    return LatencyGuarantee(clause.head, _demand_of(clause, symbols, found), tuple(bounds))


def _success(clause: Clause, symbols: Symbols, found: list[Diagnostic]) -> SuccessGuarantee:
    share = stated.amount(clause, "share")
    if share.value == 1:
        found.append(
            Diagnostic(
                "ST1104",
                Severity.ERROR,
                "a success of 100% leaves no room for any failure, and nothing can promise it",
                (Label(share.span),),
                help="write 99.9% or 99.99%",
            )
        )
    over = stated.maybe_amount(clause, "over") or stated.filled(defaults.SUCCESS_OVER, clause)
    return SuccessGuarantee(clause.head, _demand_of(clause, symbols, found), share, over)
