"""A guarantee's id, or a trial and its faults -> the worst case that decided it, in a user's words.

Invariant: it names the case that the obligation's relation was made for; where a guarantee has no cases there is none.
"""

from __future__ import annotations

from collections.abc import Iterable

from seatrial.dsl.source import Span

from ..model import Trial
from .finding import Case

_RETRIED = Case("peak", text="every call retried to the end")
_LARGEST = "the most agents that the bounds allow"
_UPDATED = Case(text=f"{_LARGEST}, all pools being updated")
_BILL = Case(text=f"{_LARGEST}, all the time; tokens through the worst window of the peaks")
_BY_KIND = {
    "latency": Case("between", text="the worst level from steady to peak, no fault"),
    "rate": _RETRIED,
    "tokens": _RETRIED,
    "storm": _RETRIED,
    "cold": Case("peak", text="every cache empty"),
    "throughput": Case("peak"),
    "amplification": Case(text="every try fails, along the worst chain"),
    "timeouts": Case(text="every try takes its whole time"),
    "connections": _UPDATED,
    "nodes": _UPDATED,
    "namespace": _UPDATED,
    "budget": Case(
        text="the most agents that the bounds allow, all the time; tokens through the worst window of peaks"
    ),
    "cost": _BILL,
    "loss": Case("peak", text="the stated agents lost"),
    "takeover": Case("peak", text="the whole pool lost"),
    "unanswered": Case("peak", text="the stated share of calls never answered"),
}


def case_of(id: str) -> Case | None:
    kind, _, rest = id.partition("/")
    if kind == "capacity":
        return Case(rest.rpartition("/")[2])
    if id.startswith("nodes/fit/"):
        return Case(
            text=f"the most agents that the bounds allow, after the {rest.rpartition('/')[2].replace('-', ' ')}"
        )
    return _BY_KIND.get(kind)


def in_trial(trial: Trial, faults: Iterable[Span], text: str = "") -> Case:
    """The faults as they stand in the spec, each once."""
    told = dict.fromkeys(" ".join(each.text.split()) for each in faults)
    return Case(trial=trial.name, faults=tuple(told), text=text)
