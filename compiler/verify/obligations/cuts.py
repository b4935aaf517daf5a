"""Timeouts and pauses against what is on the other side: who is given up, and who is asked again too early."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from functools import partial

from ...model import Call, CalleeKind, Stated
from ...semantics.retries import attempt_starts
from ..exact.expression import Derived, Leaf, Order, Relation, derived, lift
from ..flows import leaves
from ..flows.analysis import Analysis
from ..flows.deadlines import backoff_of
from ..flows.longer_steps import longer_step
from ..flows.occupancy import DOWN, UP, latency_of, service_of, slowed_service_of
from ..flows.overheads import slowed
from ..obligation import Addition, Condition, Judged, Obligation, Proven
from ..words import counted, seconds, seconds_beside, share, written
from .slower import enough_among_all


def cuts(analysis: Analysis) -> list[Judged]:
    found: list[Judged] = []
    for call in analysis.fleet.calls:
        limit = _waits(analysis, call)
        if limit is not None:
            make = partial(_only_patience, analysis, call)
            found.append(Proven(f"timeouts/{call.caller}->{call.callee}/cut", limit.span, "ST4204", make))
        else:
            found += _patience(analysis, call)
        if call.callee_kind is CalleeKind.DEPENDENCY:
            found += _refused(analysis, call)
    return [one for one in found if analysis.wants(one.id)]


def _waits(analysis: Analysis, call: Call) -> Stated[Fraction] | None:
    """The limit that `_patience` looks at, if it is stated and long enough."""
    policy = call.policy
    retried = policy.tries_again
    patience = policy.patience_seconds
    if call.callee_kind is CalleeKind.POOL:
        tail = analysis.pool(call.callee).each.service_p99_seconds
        if slowed(analysis.pool(call.callee)) or longer_step(analysis.pool(call.callee)):
            return None
    else:
        dependency = analysis.dependency(call.callee)
        tail = dependency.latency_p99_seconds if dependency.latency_p50_seconds is not None else None
    if patience is None or tail is None or patience.value < tail.value:
        return None
    return policy.timeout_seconds if retried else patience


def _only_patience(analysis: Analysis, call: Call) -> Obligation:
    return _patience(analysis, call)[0]


def _patience(analysis: Analysis, call: Call) -> list[Obligation]:
    """Unsatisfiable iff the caller gives up before the p99 of the callee alone: more than 1 in 100 good answers are
    thrown away, and their work with them.

    Without retries the shorter of both timeouts counts. A short try may be meant to be tried again elsewhere (Dean and
    Barroso, "The Tail at Scale", 2013): with retries it counts how often all of them are too short, each answer taking
    a time of its own, which is the best case. Sufficient: with no more time for a try than those before it leave.
    Limits: a pool's own service only, waits and calls are the latency's and the nesting's question; the p99 that is
    stated is under load.
    """
    single = leaves.try_timeout(call)
    retried = call.policy.tries_again
    limit = leaves.timeout(call) if retried else leaves.patience(call)
    if call.callee_kind is CalleeKind.POOL:
        tail = leaves.service_p99(analysis.pool(call.callee))
        apart = ", its calls apart" if analysis.out(call.callee) else ""
        told = f"{call.callee} works {{}} on a request at p99{apart}"
    else:
        points = leaves.latency(analysis.dependency(call.callee))
        tail = points[1] if points else None
        told = f"{call.callee} answers within {{}} at p99"
    if limit is None or tail is None:
        return []
    told = told.format(seconds_beside(tail.number, limit.number))
    broken = f"{told}, {call.name} gives up after {seconds(limit.number)}: more than 1 in 100 good answers are lost"
    room = f"{told}, of {seconds(limit.number)} that {call.name} has"
    must = [Condition(Relation(tail, Order.AT_MOST, limit), broken, room)]
    to_pool = call.callee_kind is CalleeKind.POOL
    proof = _among_all(analysis, call, limit.number) if to_pool else ()
    if retried and single is not None:
        if single.number < tail.number:
            must += _every_try(analysis, call, single, tail)
        if proof or single.number < tail.number:
            proof = (*proof, *_in_time_left(analysis, call, single, limit))
    return [
        Obligation(
            id=f"timeouts/{call.caller}->{call.callee}/cut",
            claim=f"{call.name} waits for all but the slowest 1 in 100 answers",
            at=limit.stated.span,
            code="ST4204",
            must=tuple(must),
            proof=proof,
            gap=longer_step(analysis.pool(call.callee)) if to_pool else "",
        )
    ]


def _among_all(analysis: Analysis, call: Call, limit: Fraction) -> tuple[Condition, ...]:
    """The same of agents that slow each other down, all of them."""
    return enough_among_all(analysis.pool(call.callee), limit, f"and {call.name} gives up after {seconds(limit)}")


def _in_time_left(analysis: Analysis, call: Call, single: Leaf, whole: Leaf) -> tuple[Condition, ...]:
    """That all tries are too short, each with the time that those before it, and the longest pauses, leave to it."""
    retry = call.policy.retry
    among = ""
    if call.callee_kind is CalleeKind.POOL:
        pool = analysis.pool(call.callee)
        time = slowed_service_of(pool)
        if slowed(pool):
            among = f"among {counted(pool.agents_most.value, 'agent')}, which slow each other down, "
    else:
        time = latency_of(analysis.dependency(call.callee))
    if time is None or retry is None:
        return ()
    starts = attempt_starts(whole.number, single.number, retry.attempts.value, backoff_of(call))
    late = math.prod(time.above(float(min(single.number, whole.number - start))) for start in starts)
    need = Derived(f"share of {call.name} that every try cuts in the time left to it", Fraction(late) * UP, ())
    told = (
        f"{among}every try of {call.name} may be too short for {share(Fraction(round(late, 4)))} of its calls, in the "
        f"{seconds(whole.number)} that they all have"
    )
    remedy = f"a longer timeout of {call.name}, or a longer try timeout, would decide it"
    return (Condition(Relation(need, Order.AT_MOST, lift(Fraction(1, 100))), told, "", remedy=remedy),)


def _every_try(analysis: Analysis, call: Call, single: Leaf, tail: Leaf) -> list[Condition]:
    if call.callee_kind is CalleeKind.POOL:
        pool = analysis.pool(call.callee)
        time, other = service_of(pool), leaves.service_mean(pool)
    else:
        dependency = analysis.dependency(call.callee)
        time, other = latency_of(dependency), next(iter(leaves.latency(dependency)), None)
    if time is None or other is None:
        return []
    retries = leaves.retry(call)[0]
    tries, late = 1 + int(retries.number), time.above(float(single.number))
    every, basis = Fraction(late**tries) * DOWN, [single, tail, other, retries]
    cut = derived(f"share of {call.name} that every try cuts", every, basis)
    told = (
        f"{share(Fraction(round(late, 4)))} of the answers of {call.callee} take longer than the "
        f"{seconds(single.number)} that a try of {call.name} may take, and all {tries} tries are too short for "
        f"{share(Fraction(round(late**tries, 4)))} of its calls"
    )
    return [Condition(Relation(cut, Order.AT_MOST, lift(Fraction(1, 100))), told, "")]


def _refused(analysis: Analysis, call: Call) -> list[Obligation]:
    """Unsatisfiable iff some pause before a retry, however long it can be, ends before the time at which the dependency
    lets those that it refused come back: then that retry is refused as well, and uses its quota up.

    Source: Retry-After (RFC 9110, section 10.2.3). Limit: a proxy draws its pauses at random below the stated ones, so
    that some come earlier even where this holds.
    """
    dependency = analysis.dependency(call.callee)
    stated, retry = dependency.retry_after_seconds, call.policy.retry
    if stated is None or retry is None or retry.attempts.value == 0:
        return []
    wait = leaves.assumed(
        f"wait that {dependency.name} asks for",
        stated,
        f"{dependency.name} asks whom it refuses to wait {seconds(stated.value)}",
    )
    pauses = [backoff_of(call).before(number) for number in range(1, retry.attempts.value + 1)]
    basis: list[Leaf] = [leaves.retry(call)[0], *leaves.backoffs(call)]
    shortest = derived(f"shortest pause of {call.name}", min(pauses), basis)
    attempts = counted(1 + retry.attempts.value, "attempt")
    told = f"{call.name} makes {attempts} within {seconds(sum(pauses))}, with pauses from {seconds(shortest.number)}"
    return [
        Obligation(
            id=f"retry-after/{call.caller}->{call.callee}",
            claim=f"the pauses of {call.name} can be as long as {dependency.name} asks for",
            at=retry.at,
            code="ST4205",
            must=(
                Condition(
                    Relation(wait, Order.AT_MOST, shortest),
                    f"{told}; {wait.demands}: whoever is refused once is refused every time",
                    f"{told}; {wait.demands}",
                ),
            ),
            additions=(_waiting(analysis, call, wait.number),),
        )
    ]


def _waiting(analysis: Analysis, call: Call, wait: Fraction) -> Addition:
    """Both ends of the back-off at once: the one cuts the other off."""
    policy = call.policy.retry
    assert policy is not None
    first, cap = (
        replace(one, value=max(one.value, wait)) for one in (policy.backoff_seconds, policy.backoff_cap_seconds)
    )
    retry = replace(policy, backoff_seconds=first, backoff_cap_seconds=cap)
    calls = tuple(
        replace(one, policy=replace(one.policy, retry=retry)) if one is call else one for one in analysis.fleet.calls
    )
    said = f"write `backoff {written(first.value)} up to {written(cap.value)}` in {call.name}"
    return Addition(said, replace(analysis.fleet, calls=calls))
