"""Deadlines: every retry has time to start, and a caller waits at least as long as what it waits for."""

from __future__ import annotations

from fractions import Fraction
from functools import partial

from ...model import Call, CalleeKind, Retry
from ...semantics.retries import attempt_starts, attempts_within
from ..exact.expression import Expression, Order, Relation, ceiling, derived, total, value
from ..flows import leaves
from ..flows.analysis import Analysis
from ..flows.deadlines import backoff_of, longest_of
from ..flows.figures import double, surely_below
from ..flows.longer_steps import longer_step
from ..obligation import Condition, Judged, Obligation, Proven
from ..words import counted, listed, number, rounded_up, seconds
from .slower import enough_among_all, p99_among_all


def timeouts(analysis: Analysis) -> list[Judged]:
    found: list[Judged] = []
    for call in analysis.fleet.calls:
        id = f"timeouts/{call.caller}->{call.callee}"
        if not (analysis.wants(id) or analysis.wants(f"{id}/attempts")):
            continue
        if call.policy.retry is not None and call.policy.tries_again:
            if call.policy.timeout_seconds is not None and _surely_starts(call, call.policy.retry):
                make = partial(_only_attempts, analysis, call)
                found.append(Proven(f"{id}/attempts", call.policy.retry.at, "ST4201", make))
            else:
                found += _attempts(analysis, call)
        patience = call.policy.patience_seconds
        if call.callee_kind is not CalleeKind.POOL or call.policy.timeout_seconds is None or patience is None:
            continue
        if _surely_nested(analysis, call):
            found.append(Proven(id, patience.span, "ST4202", partial(_only_nested, analysis, call)))
        else:
            found += _nested(analysis, call)
    return found


def _surely_starts(call: Call, retry: Retry) -> bool:
    timeout, single = call.policy.timeout_seconds, call.policy.try_timeout_seconds
    each, count = double(single.value) if single is not None else 0.0, retry.attempts.value
    # No wait is longer than the cap.
    waits = count * double(retry.backoff_cap_seconds.value)
    return timeout is not None and surely_below(count * each + waits, double(timeout.value))


def _only_attempts(analysis: Analysis, call: Call) -> Obligation:
    return _attempts(analysis, call)[0]


def _surely_nested(analysis: Analysis, call: Call) -> bool:
    links, own = analysis.figures.links.get(call.callee), p99_among_all(analysis.pool(call.callee))
    if not links or own is None or longer_step(analysis.pool(call.callee)):
        return False
    need = double(own)
    for link in links:
        need += (link.whole + 1 if link.chance else link.whole) * analysis.ends(link.call).longest
    return surely_below(need, analysis.ends(call).patience)


def _only_nested(analysis: Analysis, call: Call) -> Obligation:
    return _nested(analysis, call)[0]


def _attempts(analysis: Analysis, call: Call) -> list[Obligation]:
    """Unsatisfiable iff the last retry can start only when the overall timeout has run out.

    Every try takes its whole try timeout and every back-off is as long as it can be. Without a try timeout only fast
    failures are retried at all (a slow try uses up the timeout), so tries then count no time. Source: Envoy's route
    timeout includes all retries and back-offs (`semantics.retries`).
    """
    timeout, single, retry = leaves.timeout(call), leaves.try_timeout(call), call.policy.retry
    if timeout is None or retry is None:
        return []
    each = single.number if single is not None else Fraction(0)
    count, backoff = retry.attempts.value, backoff_of(call)
    basis = [leaves.retry(call)[0], *leaves.backoffs(call), *([single] if single is not None else [])]
    last = derived(f"start of the last attempt of {call.name}", attempt_starts(None, each, count, backoff)[-1], basis)
    happen = attempts_within(timeout.number, each, count, backoff) - 1
    tries = f"tries of {seconds(each)}" if single is not None else "tries that fail at once"
    text = (
        f"{call.name} has {counted(count, 'retry', 'retries')} but time for {number(happen)}: with {tries} and the "
        f"waits between them the last would start after {seconds(last.number)}, "
        f"the timeout is {seconds(timeout.number)}"
    )
    room = (
        f"the last of {counted(1 + count, 'attempt')} starts after {seconds(last.number)} of {seconds(timeout.number)}"
    )
    return [
        Obligation(
            id=f"timeouts/{call.caller}->{call.callee}/attempts",
            claim=f"every retry of {call.name} has time to start",
            at=retry.at,
            code="ST4201",
            must=(Condition(Relation(last, Order.BELOW, timeout), text, room),),
            useful=_worth_trying(analysis, call, last, timeout),
        )
    ]


def _worth_trying(analysis: Analysis, call: Call, last: Expression, timeout: Expression) -> Relation | None:
    """A last try that starts a millisecond before the end is none: it should have its whole time, where that is known.

    That is its try timeout; else what the callee needs at p99.
    """
    whole: Expression | None = leaves.try_timeout(call)
    if whole is None and call.callee_kind is CalleeKind.POOL:
        whole = leaves.service_p99(analysis.pool(call.callee))
    elif whole is None:
        whole = next(iter(leaves.latency(analysis.dependency(call.callee))[1:]), None)
    return None if whole is None else Relation(last + whole, Order.AT_MOST, timeout)


def _nested(analysis: Analysis, call: Call) -> list[Obligation]:
    """Unsatisfiable iff the calls that the callee makes may together outlast the caller's patience with one try.

    Each call in turn, as often as one request may make it, each up to its own deadline. Sufficient: with the callee's
    own p99 service time on top. Source: deadlines shrink downwards (Google SRE book, ch. 22, "Missing Deadlines").
    Limit: the time that a request waits for a slot is not in it; the latency's question.
    """
    calls = analysis.out(call.callee)
    single = leaves.try_timeout(call)
    patience = leaves.patience(call)
    if not calls or patience is None:
        return []
    parts: list[Expression] = []
    told, unbounded = [], []
    for each in calls:
        longest = longest_of(each)
        if longest is None:
            unbounded.append(each.name)
            continue
        basis = [leaf for leaf in (leaves.timeout(each), leaves.try_timeout(each)) if leaf is not None]
        if each.policy.try_timeout_seconds is not None:
            basis += [*leaves.retry(each)[:1], *leaves.backoffs(each)]
        times = ceiling(leaves.per_request(each))
        parts.append(times * derived(f"longest time of {each.name}", longest, basis))
        often = f" {number(value(times))} times" if value(times) != 1 else ""
        told.append((value(parts[-1]), f"{each.name}{often} up to {seconds(value(parts[-1]))}"))
    need = total(sorted(parts, key=value))
    which = f"{call.caller} gives up on a try after" if single is not None else f"{call.caller} gives up after"
    told.sort(reverse=True)
    others = [longest for longest, _ in told[3:]]
    rest = f"{counted(len(others), 'other')} up to {seconds(sum(others, Fraction(0)))}"
    calls_told = listed([*(text for _, text in told[:3]), *([rest] if others else [])])
    text = (
        f"{which} {seconds(patience.number)}, but {call.callee} may still be waiting: its calls take up to "
        f"{seconds(value(need))} ({calls_told})"
    )
    obligation = partial(
        Obligation,
        id=f"timeouts/{call.caller}->{call.callee}",
        claim=f"the calls that {call.callee} makes end before {call.caller} gives up on it",
        at=patience.stated.span,
        code="ST4202",
        must=(Condition(Relation(need, Order.AT_MOST, patience), text, ""),),
    )
    if unbounded:
        return [obligation(gap=f"{listed(unbounded)} {'has' if len(unbounded) == 1 else 'have'} no timeout")]
    own = leaves.service_p99(analysis.pool(call.callee))
    if own is None:
        return [obligation(gap=f"{call.callee} does not state its p99 service time")]
    if longer := longer_step(analysis.pool(call.callee)):
        return [obligation(gap=longer)]
    whole = need + own
    room = f"{seconds(value(whole))} of {seconds(patience.number)} are used at worst: calls and p99 service time"
    open_ = (
        f"its calls take up to {seconds(value(need))} and its own work {seconds(own.number)} at p99, "
        f"{call.caller} waits {seconds(patience.number)}"
    )
    kind = "try timeout" if single is not None else "timeout"
    remedy = (
        f"a {kind} of {call.name} of {seconds(rounded_up(value(whole)))} or more, or shorter ones behind it, would do"
    )
    gives_up = f"its calls up to {seconds(value(need))}, and {call.caller} waits {seconds(patience.number)}"
    slower = enough_among_all(analysis.pool(call.callee), patience.number, gives_up, value(need))
    proof = (Condition(Relation(whole, Order.AT_MOST, patience), open_, room), *slower)
    return [obligation(proof=proof, remedy=remedy)]
