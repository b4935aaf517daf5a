"""What Envoy cannot say, in whichever target it is asked to.

Turns the plan's calls into ST7 diagnostics. Invariant: a clause that the emitted documents follow only roughly, or not
at all, is named here once for each call, at the call's own place.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from seatrial.compiler.plan import CallPlan, Plan
from seatrial.compiler.semantics.retries import ENVOY_FACTOR
from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from .proxy import LEFT_TO_AGENTS, ejects, failure_percentage_threshold
from .quantity import duration, is_whole_milliseconds, is_whole_percent, number, percent_down


def of_proxies(plan: Plan, target: str) -> tuple[Diagnostic, ...]:
    """The findings that hold for every target made of Envoys. `target` is the name to say."""
    return tuple(finding for call in plan.calls for finding in _of(call, target))


def _of(call: CallPlan, target: str) -> Iterator[Diagnostic]:
    where = f"call {call.caller} -> {call.callee}"
    at = (Label(call.origin),)
    if call.retry.attempts and call.retry.backoff_factor != ENVOY_FACTOR:
        yield Diagnostic(
            "ST7004",
            Severity.WARNING,
            f"{target}: the back-off of {where} grows by x{number(call.retry.backoff_factor)}, Envoy's by x2",
            at,
            notes=("Envoy draws the wait before retry n from 0 to base x 2^(n-1) and has no other factor",),
            help="write `x2`, or choose base and cap so that x2 suits",
        )
    if call.breaker is not None and not ejects(call.breaker):
        yield Diagnostic(
            "ST7010",
            Severity.WARNING,
            f"{target}: {where} may eject {number(call.breaker.eject_share * 100)}% of the hosts, which is nobody",
            at,
            notes=("Envoy counts whole per cent, so nothing is emitted for this `break` clause",),
            help="let it eject at least 1%",
        )
    if call.shed_on_latency is not None:
        yield Diagnostic(
            "ST7006",
            Severity.NOTE,
            f"{target}: shedding of {where} by latency is left to the agents",
            at,
            notes=("Envoy knows no quantile of latency; the callee reads the clause from runtime/fleet.json",),
            help="use `shed below … success over …` where the proxy must do it",
        )
    if call.route in LEFT_TO_AGENTS:
        yield Diagnostic(
            "ST7021",
            Severity.NOTE,
            f"{target}: {where} routes {call.route.value}, which a proxy does not do",
            at,
            notes=("it sends to the less loaded of two agents; a router that reads runtime/fleet.json can do better",),
            help="use `route least loaded` where the proxy must do it, with `break below … success over …` beside it",
        )
    yield from _rounded(call, where, target)


def _rounded(call: CallPlan, where: str, target: str) -> Iterator[Diagnostic]:
    """One note a call that lists every value that the documents hold rounded."""
    times: list[tuple[str, Fraction | None]] = [
        ("timeout", call.timeout_seconds),
        ("try timeout", call.try_timeout_seconds),
    ]
    if call.retry.attempts:
        times += [("backoff", call.retry.backoff_seconds), ("backoff cap", call.retry.backoff_cap_seconds)]
    shares: list[tuple[str, Fraction]] = []
    if call.breaker is not None:
        times += [("over", call.breaker.over_seconds), ("eject for", call.breaker.eject_for_seconds)]
        if ejects(call.breaker):
            shares.append(("eject at most", call.breaker.eject_share))
        if call.breaker.success_below is not None:
            shares.append(("success below", call.breaker.success_below))
    if call.shed_on_failure is not None:
        times.append(("shed over", call.shed_on_failure.over_seconds))
    notes = [
        f"{name}: {float(value):.9g}s becomes {duration(value)}"
        for name, value in times
        if value is not None and not is_whole_milliseconds(value)
    ]
    notes += [
        f"{name}: {float(value * 100):.9g}% becomes {_percent(name, value)}%"
        for name, value in shares
        if not is_whole_percent(value)
    ]
    if notes:
        yield Diagnostic(
            "ST7005",
            Severity.NOTE,
            f"{target}: some values of {where} are rounded",
            (Label(call.origin),),
            notes=tuple(notes),
            help="Envoy takes whole milliseconds and whole per cent",
        )


def _percent(name: str, share: Fraction) -> int:
    return 100 - failure_percentage_threshold(share) if name == "success below" else percent_down(share)
