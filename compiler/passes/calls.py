"""Clauses -> the edges of the call graph, each with its policy."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from seatrial.dsl.clauses import Clause
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..model import (
    Admit,
    Break,
    Call,
    CalleeKind,
    CallerKind,
    Limit,
    Policy,
    Pool,
    Retry,
    Route,
    ShedOnFailure,
    ShedOnLatency,
    Stated,
    WarmUp,
)
from . import defaults, stated
from .money import bytes_of
from .ordered import ordered
from .strings import no_header
from .symbols import Symbols

_ROUTES = {
    "route:least": Route.LEAST_LOADED,
    "route:robin": Route.ROUND_ROBIN,
    "route:random": Route.RANDOM,
    "route:header": Route.BY_HEADER,
    "route:success": Route.BY_SUCCESS,
    "route:capacity": Route.BY_CAPACITY,
    "route:skill": Route.BY_SKILL,
}
_UNWEIGHED = (Route.RANDOM, Route.BY_HEADER)
"""Ways to choose that know no agent which counts for less (Envoy, slow start: round robin and least request only)."""
_AMONG_AGENTS = (Route.BY_SUCCESS, Route.BY_CAPACITY, Route.BY_SKILL)
_ISTIO_ROUTE = "Istio default: least requests"

_MOST_RETRIES = 1_000
"""Each may be worked out by itself."""


def serves(clause: Clause, pool: str, symbols: Symbols, found: list[Diagnostic]) -> Call | None:
    """`serves tickets` inside a pool: the edge from the gateway."""
    if not symbols.find(clause.values["demand"], ("demand",), found):
        return None
    return Call(
        at=clause.head,
        caller_kind=CallerKind.DEMAND,
        caller=clause.values["demand"].text,
        callee_kind=CalleeKind.POOL,
        callee=pool,
        per_request=Stated(Fraction(1), clause.head, stated.text_of(clause), "a request of a demand comes in once"),
        tokens_per_call=None,
        policy=_policy(clause, CalleeKind.POOL, found),
    )


def call(clause: Clause, symbols: Symbols, found: list[Diagnostic]) -> Call | None:
    caller, callee = clause.values["caller"], clause.values["callee"]
    known = symbols.parties.get(caller.text)
    if known is not None and known[0] == "demand":
        is_dependency = symbols.parties.get(callee.text, ("pool",))[0] == "dependency"
        where = f"the pool that calls {callee.text}" if is_dependency else f"`pool {callee.text}`"
        found.append(
            Diagnostic(
                "ST1012",
                Severity.ERROR,
                f"`{caller.text}` is a demand; a call starts at a pool",
                (Label(caller.span, "a demand"), Label(known[1], "declared here")),
                help=f"say in {where}: serves {caller.text} {{ … }}",
            )
        )
        return None
    sound = symbols.find(caller, ("pool",), found)
    if not (symbols.find(callee, ("pool", "dependency"), found) and sound):
        return None
    per_request = stated.maybe_amount(clause, "times") or stated.filled(defaults.PER_REQUEST, clause)
    kind = CalleeKind(symbols.parties[callee.text][0])
    return Call(
        at=clause.head,
        caller_kind=CallerKind.POOL,
        caller=caller.text,
        callee_kind=kind,
        callee=callee.text,
        per_request=per_request,
        tokens_per_call=stated.maybe_amount(clause.child("tokens"), "tokens"),
        policy=_policy(clause, kind, found),
        bytes_per_call=bytes_of(clause),
        cold_per_request=stated.maybe_amount(clause.child("cold"), "times"),
    )


def _policy(clause: Clause, callee: CalleeKind, found: list[Diagnostic]) -> Policy:
    get = clause.by_slot.get
    shed, slow = (get(slot) for slot in ("shed-failure", "shed-latency"))
    whole, single = (stated.maybe_amount(get(slot), "limit") for slot in ("timeout", "try"))
    if whole is not None and single is not None:
        help_ = "the timeout ends all tries; write a `try timeout` of as much at the most"
        found += ordered(single, whole, ("of one try", "of all together"), "a try would outlast its call", help_)
    route = get("route")
    chosen = Stated(Route.LEAST_LOADED, clause.head, "route least loaded", _ISTIO_ROUTE)
    if route is not None:
        chosen = Stated(_ROUTES[route.form.key], route.head, stated.text_of(route))
        wrong = no_header(route.values["header"]) if "header" in route.values else None
        found += [wrong] if wrong is not None else []
    warm = get("warm")
    if warm is not None:
        found += _in_vain(warm, callee, chosen)
    return Policy(
        timeout_seconds=whole,
        try_timeout_seconds=single,
        retry=_retry(get("retry"), found),
        breaker=_breaker(get("break")),
        limit=_limit(get("limit")),
        shed_on_failure=None
        if shed is None
        else ShedOnFailure(shed.head, stated.amount(shed, "share"), stated.amount(shed, "over")),
        shed_on_latency=None if slow is None else _shed_on_latency(slow),
        route=chosen,
        route_header=stated.word(route, "header") if route is not None and "header" in route.values else None,
        admit=_admit(get("admit")),
        warm_up=None if warm is None else _warm_up(warm),
    )


def unroutable(calls: tuple[Call, ...], pools: tuple[Pool, ...], found: list[Diagnostic]) -> None:
    """A choice among agents where there are none to choose from, or none that the choice would find."""
    named = {pool.name: pool for pool in pools}
    for call in calls:
        route = call.policy.route
        if route.value not in _AMONG_AGENTS:
            continue
        callee = named.get(call.callee)
        if call.callee_kind is CalleeKind.DEPENDENCY:
            why: tuple[Label, ...] = (Label(route.span, "a dependency is one address"),)
            help_ = "leave it out: who runs the dependency divides its work"
        elif route.value is Route.BY_SKILL and callee is not None and not callee.skills:
            why = (Label(route.span, "wants an agent with the skill"), Label(callee.at, "states no skills"))
            help_ = f"say in `pool {callee.name}` which there are, with their shares: `skills a 60%, b 40%`"
        else:
            continue
        message = f"`route {route.value}` finds no agents to choose from"
        found.append(Diagnostic("ST1018", Severity.ERROR, message, why, help=help_))


def _in_vain(warm: Clause, callee: CalleeKind, route: Stated[Route]) -> list[Diagnostic]:
    """A warm-up that no proxy can keep is refused: nothing that is accepted is ignored."""
    if callee is CalleeKind.DEPENDENCY:
        why: tuple[Label, ...] = (Label(warm.head, "a dependency has no agents that start"),)
        help_ = "leave it out: who runs the dependency warms it up"
    elif route.value in _UNWEIGHED:
        why = (Label(warm.head, "would give a new agent less"), Label(route.span, "gives every agent its part"))
        help_ = "write `route least loaded` or `route round robin`, or leave the warm-up out"
    else:
        return []
    return [Diagnostic("ST1017", Severity.ERROR, "nothing can be warmed up here", why, help=help_)]


def _warm_up(clause: Clause) -> WarmUp:
    least = stated.maybe_amount(clause, "share") or stated.filled(defaults.WARM_FROM, clause)
    return WarmUp(clause.head, stated.amount(clause, "over"), least)


def _admit(clause: Clause | None) -> Admit | None:
    if clause is None:
        return None
    return Admit(clause.head, stated.amount(clause, "rate"), stated.maybe_whole(clause, "burst"))


def _shed_on_latency(clause: Clause) -> ShedOnLatency:
    word = clause.values["priority"]
    level = Stated(defaults.PRIORITIES[word.text], word.span, stated.text_of(clause))
    return ShedOnLatency(clause.head, level, stated.amount(clause, "quantile"), stated.amount(clause, "above"))


def _retry(clause: Clause | None, found: list[Diagnostic]) -> Retry | None:
    if clause is None:
        return None
    backoff = clause.child("backoff")
    base = stated.maybe_amount(backoff, "base") or stated.filled(defaults.BACKOFF, clause)
    cap = stated.maybe_amount(backoff, "cap")
    if cap is None:
        owner = backoff.head if backoff is not None else clause.head
        ceiling = base.value * defaults.BACKOFF_CAP_TIMES
        cap = Stated(ceiling, owner, f"up to {float(ceiling):g}s", defaults.BACKOFF_CAP_SOURCE)
    found += ordered(
        base, cap, ("the first back-off", "the longest one"), "the back-off begins above its limit", "exchange the two"
    )
    attempts = stated.whole(clause, "attempts")
    if attempts.value > _MOST_RETRIES:
        found.append(
            Diagnostic(
                "ST1104",
                Severity.ERROR,
                f"`retry {attempts.span.text}` is more than the {_MOST_RETRIES:,} further tries that a call may have",
                (Label(attempts.span),),
                help="write how often another try is worth it, as in `retry 2`; a queue keeps what must not be lost",
            )
        )
        attempts = replace(attempts, value=_MOST_RETRIES)
    return Retry(
        at=clause.head,
        attempts=attempts,
        backoff_seconds=base,
        backoff_factor=stated.maybe_amount(backoff, "factor") or stated.filled(defaults.BACKOFF_FACTOR, clause),
        backoff_cap_seconds=cap,
        budget_share=stated.maybe_amount(clause.child("budget"), "share"),
    )


def _breaker(clause: Clause | None) -> Break | None:
    if clause is None:
        return None
    eject = clause.child("eject")
    return Break(
        at=clause.head,
        errors=stated.maybe_whole(clause, "errors"),
        success_below=stated.maybe_amount(clause, "share"),
        over_seconds=stated.maybe_amount(clause, "over") or stated.filled(defaults.ERRORS_OVER, clause),
        eject_share=stated.maybe_amount(eject, "share") or stated.filled(defaults.EJECT_SHARE, clause),
        eject_for_seconds=stated.maybe_amount(eject, "for") or stated.filled(defaults.EJECT_FOR, eject or clause),
    )


def _limit(clause: Clause | None) -> Limit | None:
    if clause is None:
        return None
    said = {row["what"].text: stated.in_row(clause, row, "amount") for row in clause.groups["limits"]}

    def count(what: str) -> Stated[int] | None:
        one = said.get(what)
        return None if one is None else Stated(int(one.value), one.span, one.clause)

    return Limit(clause.head, count("pending"), count("in flight"), count("connections"))
