"""The model -> warnings of the defaults that bite: what nobody wrote and what then surprises.

Invariant: a warning is told only where something that was written depends on what was not, so that a short spec stays
quiet.
"""

from __future__ import annotations

from collections.abc import Iterator

from seatrial.dsl.diagnostics import Diagnostic, Label, Severity

from ..model import Call, CallerKind, Fleet, Pool


def biting(fleet: Fleet) -> tuple[Diagnostic, ...]:
    """In the order of pools, then calls."""
    told = [_assumed_start(fleet, pool) for pool in fleet.pools if not pool.each.startup_seconds.written]
    told += [_last_agent(pool) for pool in fleet.pools if pool.disruption is None]
    if fleet.latency or fleet.success or fleet.recovery:
        endless = [call for call in fleet.calls if call.policy.patience_seconds is None]
        timed = {call.callee for call in fleet.calls if call.policy.patience_seconds is not None} if endless else set()
        # Under a caller that has a timeout the missing one is a conflict of the two (ST4202), and told as that.
        told += [_endless(call) for call in endless if call.caller not in timed]
    told += _uncharged(fleet)
    return tuple(one for one in told if one is not None)


def _uncharged(fleet: Fleet) -> Iterator[Diagnostic]:
    """A bill in which calls that cost count for nothing."""
    priced = {one.name: one for one in fleet.dependencies if one.dollars_per_token or one.dollars_per_byte}
    calls: dict[str, list[Call]] = {}
    for call in fleet.calls if priced else ():
        if call.callee in priced:
            calls.setdefault(call.callee, []).append(call)
    for name, into in calls.items():
        one = priced[name]
        for price, what, said in (
            (one.dollars_per_token, "tokens", any(call.tokens_per_call for call in into)),
            (one.dollars_per_byte, "data", any(call.bytes_per_call for call in into)),
        ):
            if price is not None and not said:
                other = next((call.tokens_per_call for call in into if what == "data" and call.tokens_per_call), None)
                yield Diagnostic(
                    "ST1204",
                    Severity.WARNING,
                    f"the price of `{name}` is for {what}, and no call to it states any: it costs nothing",
                    (Label(price.span, f"for {what}"), *((Label(other.span, "states tokens"),) if other else ())),
                    help=_HOW[what] if other is None else "is it the price of tokens? write `price $15 / 1M tokens`",
                )


_HOW = {
    "tokens": "add `tokens 500` to the calls, or what they take",
    "data": "add `bytes 20kB` to the calls, or what they send and get",
}


def _endless(call: Call) -> Diagnostic | None:
    """Of calls between agents only: who calls the gateway has a timeout of its own, which no spec can set."""
    if call.caller_kind is CallerKind.DEMAND:
        return None
    return Diagnostic(
        "ST1201",
        Severity.WARNING,
        f"the call {call.name} has no timeout: while `{call.callee}` hangs, the agents of `{call.caller}` wait with it",
        (Label(call.at, "waits for ever"),),
        notes=("neither Istio nor Envoy is told a limit; Istio has none of its own",),
        help="add `timeout 2s` to its block, or what a caller can bear",
    )


def _assumed_start(fleet: Fleet, pool: Pool) -> Diagnostic | None:
    startup = pool.each.startup_seconds
    up = pool.scaling.up_within_seconds if pool.scaling is not None else None
    promises = [*((up,) if up is not None else ()), *(one.within_seconds for one in fleet.recovery)]
    if not promises:
        return None
    return Diagnostic(
        "ST1202",
        Severity.WARNING,
        f"`pool {pool.name}` does not say how long an agent takes to start: {float(startup.value):g} s is assumed",
        (Label(pool.at, "`startup` is missing in its `each`"), *(Label(one.span, "rests on it") for one in promises)),
        help=f"measure it and write `each {{ {startup.clause} }}`",
    )


def _last_agent(pool: Pool) -> Diagnostic | None:
    if pool.scaling is None or pool.agents_min.value != 1 or pool.agents_max.value == 1:
        return None
    return Diagnostic(
        "ST1203",
        Severity.WARNING,
        f"`pool {pool.name}` may shrink to one agent, and without `disrupt` a node that is drained takes it away",
        (Label(pool.agents_min.span, "its only agent at night"),),
        notes=("without a PodDisruptionBudget Kubernetes evicts any number of agents at once",),
        help=f"write `agents 2..{max(3, pool.agents_max.value)}` and `disrupt at most 1 agent`",
    )
