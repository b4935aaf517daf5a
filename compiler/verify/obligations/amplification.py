"""Retries along chains: how many attempts one request of a user may become at any one callee."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import partial

from ...model import Call, CallerKind, Stated
from ...semantics.retries import budget_binds_from, chain_amplification
from ..exact.expression import Expression, Leaf, Order, Relation, lift, value
from ..flows.analysis import Analysis
from ..flows.figures import double, surely_below
from ..obligation import Condition, Judged, Obligation, Proven
from ..words import counted, number

DEFAULT_LIMIT = Fraction(10)
DEFAULT_SOURCE = (
    "Google SRE book, ch. 22: retry at one layer only, at most 3 attempts a request; 10 lets two such layers pass (9), "
    "not three (27), nor its example of three layers of 4 attempts (64)"
)


def amplifications(analysis: Analysis) -> Sequence[Judged]:
    """Unsatisfiable iff the product of attempts over some chain from a demand to the callee is not below the limit.

    The product is reached when every try at the end fails and every caller in between retries the failure. Source:
    `semantics.retries.amplification`, budgets counted; Beyer et al., "Site Reliability Engineering" (2016), ch. 22,
    "Addressing Cascading Failures". Limit of the model: a retry budget is a share of what is under way, which equals a
    share of requests only when a retry takes as long as a first try, and lets a few retries through in a quiet fleet.
    Calls that are made several times a request, or along several chains, count once each: what arrives in all is the
    rate's question.
    """
    if analysis.circle:
        return []
    stated = min(analysis.fleet.amplification, key=lambda one: one.factor.value, default=None)
    if stated is None and all(call.policy.retry is None for call in analysis.fleet.calls):
        return []
    if stated is None:
        chains = _longest(analysis)
        return [
            _limited(analysis, None, name)
            for name in sorted(chains)
            if analysis.wants(f"amplification/{name}") and any(call.policy.retry is not None for call in chains[name])
        ]
    found: list[Judged] = []
    limit = double(stated.factor.value)
    wanted = {name: most for name, most in most_attempts(analysis).items() if analysis.wants(f"amplification/{name}")}
    if len(wanted) == 1:
        # Other chains than those to the one that is asked for are not looked at.
        analysis.kept("longest chains", lambda: longest(analysis, next(iter(wanted))))
    for name, attempts in wanted.items():
        make = partial(_limited, analysis, stated.factor, name)
        sure = surely_below(attempts, limit)
        found.append(Proven(f"amplification/{name}", stated.factor.span, "ST4101", make) if sure else make())
    return found


def most_attempts(analysis: Analysis) -> dict[str, float]:
    """For each callee the most attempts that one request of a demand may become, in doubles."""
    found: dict[str, float] = {}
    demands = dict.fromkeys((one.name for one in analysis.fleet.demands), 1.0)
    for name in (*demands, *(pool.name for pool in analysis.pools)):
        before = demands.get(name) or found.get(name)
        for link in analysis.figures.links.get(name, ()) if before is not None else ():
            found[link.callee] = max(found.get(link.callee, 0.0), (before or 0.0) * link.attempts)
    return found


def _limited(analysis: Analysis, stated: Stated[Fraction] | None, name: str) -> Obligation:
    chain = _longest(analysis)[name]
    last = ([call for call in chain if call.policy.retry is not None] or chain)[-1]
    where = last.policy.retry.at if last.policy.retry is not None else last.at
    factor = Stated(DEFAULT_LIMIT, where, default=DEFAULT_SOURCE) if stated is None else stated
    limit = Leaf("limit of the amplification", factor, f"fewer than {number(factor.value)} attempts per request")
    return _bounded(analysis, name, chain, limit)


def _longest(analysis: Analysis) -> dict[str, tuple[Call, ...]]:
    return analysis.kept("longest chains", lambda: longest(analysis))


def _bounded(analysis: Analysis, name: str, chain: tuple[Call, ...], limit: Leaf) -> Obligation:
    need: Expression = lift(1)
    for call in chain:
        if call.policy.retry is not None:
            need = need * analysis.attempts(call)
    attempts = chain_amplification(value(analysis.attempts(call)) for call in chain)
    path = " -> ".join([chain[0].caller, *(_hop(analysis, call) for call in chain)])
    made = f"{path} = {counted(attempts, 'attempt')} at {name} for one request along this chain"
    text = f"{made}, {limit.demands} are allowed"
    most = f"at most {counted(attempts, 'attempt')} at {name} for one request along {path}"
    room = f"{most}, the limit is {number(limit.number)}"
    return Obligation(
        id=f"amplification/{name}",
        claim=f"along a chain of calls one request becomes fewer than {number(limit.number)} attempts at {name}",
        at=limit.stated.span,
        code="ST4101",
        must=(Condition(Relation(need, Order.BELOW, limit), text, room),),
        note=_from_when(chain),
        bound=attempts,
    )


def _from_when(chain: Iterable[Call]) -> str:
    """From how many requests under way the retry budgets of a chain decide: below it a few retries always pass."""
    budgets = [call.policy.retry.budget_share for call in chain if call.policy.retry is not None]
    shares = [budget.value for budget in budgets if budget is not None and budget.value < 1]
    least = max((budget_binds_from(share) or 0 for share in shares), default=0)
    if not least:
        return ""
    return (
        f"on the whole, from {least} requests in flight in one proxy on, where retries take as long as first tries: "
        "fewer, or quicker ones, may all be retried"
    )


def _hop(analysis: Analysis, call: Call) -> str:
    attempts = value(analysis.attempts(call))
    return f"{call.callee} x{number(attempts)}" if attempts != 1 else call.callee


def longest(analysis: Analysis, only: str | None = None) -> dict[str, tuple[Call, ...]]:
    """For each callee, or for one and those on the way to it, the chain from a demand with the most attempts; of equals
    the first by name."""
    on_the_way = None if only is None else set(analysis.above(only))
    best: dict[str, tuple[Fraction, tuple[Call, ...]]] = {}

    def offer(call: Call, before: Fraction, chain: tuple[Call, ...]) -> None:
        if on_the_way is not None and call.callee not in on_the_way:
            return
        product = before * value(analysis.attempts(call))
        if call.callee not in best or product > best[call.callee][0]:
            best[call.callee] = (product, (*chain, call))

    for call in analysis.fleet.calls:
        if call.caller_kind is CallerKind.DEMAND:
            offer(call, Fraction(1), ())
    for pool in analysis.pools:
        if pool.name in best:
            product, chain = best[pool.name]
            for call in analysis.out(pool.name):
                offer(call, product, chain)
    return {name: chain for name, (_, chain) in best.items()}
