"""The model -> every value that nobody wrote: what it is, how it would be written, and where it comes from.

Invariant: what a pass fills in is found by walking the model, not by a list of fields, so a default that is added to a
pass is shown without a change here; what the model leaves out altogether is listed below, and a test leaves out each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from fractions import Fraction
from functools import cache

from seatrial.dsl.source import Span

from .model import Fleet, Stated
from .passes.defaults import LANGUAGE, PRIORITIES
from .verify.obligations.amplification import DEFAULT_LIMIT, DEFAULT_SOURCE

Scalar = Fraction | int | str


@dataclass(frozen=True, slots=True)
class Filled:
    """`owner` is the statement that lacks the value, as it stands in the spec. `value` is in the model's unit, None
    where nothing at all is enforced. `written` is what would say the same, in parentheses where the language has no
    words for it."""

    owner: str
    at: Span
    value: Scalar | None
    written: str
    source: str


def _as_it_stands(span: Span) -> Span:
    return span


def filled_in(fleet: Fleet, place: Callable[[Span], Span] = _as_it_stands) -> tuple[Filled, ...]:
    """In the order of the file; one entry for each statement and text, also where two fields share a clause.

    `place` is for texts that were read in pieces (`Reading.place`).
    """
    found: dict[tuple[str, int, str], Filled] = {}
    for one in (*_values(fleet, fleet.at), *_absences(fleet)):
        at = place(one.at)
        found.setdefault((at.source.path, at.start, one.written), one if at is one.at else replace(one, at=at))
    return tuple(found[key] for key in sorted(found, key=lambda key: key[:2]))


def _values(node: object, at: Span) -> Iterator[Filled]:
    if isinstance(node, Stated):
        if not node.written and not _of_itself(node):
            value = node.value.value if isinstance(node.value, Enum) else node.value
            yield Filled(_quoted(node.span), node.span, value, node.clause, node.default)
    elif isinstance(node, Span):
        # A tuple too, and by way of its source one of all lines of the text.
        return
    elif isinstance(node, tuple):
        # A trace is a tuple of thousands of floats; nothing is stated in there.
        if node and not isinstance(node[0], float):
            for one in node:
                yield from _values(one, at)
    else:
        kind: type = type(node)
        for name in _fields(kind):
            yield from _values(getattr(node, name), at)


@cache
def _fields(kind: type) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind)) if is_dataclass(kind) else ()


def _of_itself(stated: Stated[object]) -> bool:
    """A value that the statement implies and that nobody could write otherwise: a request of a demand comes in once."""
    return stated.clause == _quoted(stated.span)


_Absence = tuple[str, Scalar | None, str, str]
_ABSENT_OF_CALL: tuple[_Absence, ...] = (
    ("retry", 0, "retry 0", "the language's own default: only what is written is retried; Istio alone retries twice"),
    ("breaker", None, "(no break)", "Istio default: no outlier detection"),
    ("limit", None, "(no limit)", "Istio default: 2^32-1 requests and connections"),
)
_ABSENT_OF_PRIORITY: tuple[_Absence, ...] = (("priority", PRIORITIES["normal"], "priority normal", LANGUAGE),)
_ABSENT_OF_POOL: tuple[_Absence, ...] = (
    ("health", None, "(no health)", "Kubernetes default: an agent counts as well while its process runs"),
    ("disruption", Fraction(1), "disrupt at most 100%", "Kubernetes default: no PodDisruptionBudget"),
    *_ABSENT_OF_PRIORITY,
)


def _absences(fleet: Fleet) -> Iterator[Filled]:
    if not fleet.amplification and any(call.policy.retry is not None for call in fleet.calls):
        written = f"guarantee amplification < {DEFAULT_LIMIT}"
        yield Filled(_quoted(fleet.at), fleet.at, DEFAULT_LIMIT, written, DEFAULT_SOURCE)
    for demand in fleet.demands:
        yield from _absent(demand, demand.at, _ABSENT_OF_PRIORITY)
    for quota in fleet.quotas:
        for tenant in quota.tenants:
            yield from _absent(tenant, tenant.at, _ABSENT_OF_PRIORITY)
    for pool in fleet.pools:
        yield from _absent(pool, pool.at, _ABSENT_OF_POOL)
    for call in fleet.calls:
        yield from _absent(call.policy, call.at, _ABSENT_OF_CALL)
        if call.policy.patience_seconds is None:
            source = "Istio default: no timeout, the call waits for as long as the callee takes"
            yield Filled(_quoted(call.at), call.at, None, "(no timeout)", source)


def _absent(node: object, at: Span, table: tuple[_Absence, ...]) -> Iterator[Filled]:
    for field, value, written, source in table:
        if getattr(node, field) is None:
            yield Filled(_quoted(at), at, value, written, source)


def _quoted(span: Span) -> str:
    return " ".join(span.text.split())
