"""What a newcomer is asked, read as the language reads it: texts -> typed answers, or what is wrong with one.

Invariant: an answer keeps the text it was given in, so that the spec says 20/min where 20/min was said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.names import name_meant
from seatrial.dsl.source import Source, Span
from seatrial.dsl.syntax import Item, Kind
from seatrial.dsl.values import value

from ..semantics.latency import of_mean_p99
from .rounding import duration, rate, up

_OBJECTIVE = re.compile(r"(?:latency\s+)?(?:(p\d+)\s*<?\s*)?(\S+)")
_KINDS = {"name": Kind.WORD, "quantile": Kind.WORD}


@dataclass(frozen=True, slots=True)
class Said:
    """A value in its base unit (seconds, requests a second, dollars a second, a share), and how it is written."""

    text: str
    value: Fraction


@dataclass(frozen=True, slots=True)
class Answers:
    """`price`: of one agent. `latency`: quantile and limit, one pair at least. `budget` None: what the draft costs.

    Invariant: 0 < steady <= peak, mean <= p99 and a log-normal has both, 0 < success < 1; else `wrong` says so.
    """

    name: str
    steady: Said
    peak: Said
    mean: Said
    p99: Said
    latency: tuple[tuple[Said, Said], ...]
    success: Said
    price: Said
    budget: Said | None
    concurrency: int

    @property
    def sentence(self) -> str:
        """What was said or assumed."""
        latency = ", ".join(f"{quantile.text} < {limit.text}" for quantile, limit in self.latency)
        return (
            f"{self.steady.text} usually and {self.peak.text} at the most, {self.mean.text} of work each "
            f"({self.p99.text} for the slowest of a hundred); {latency}, {self.success.text} succeed"
        )

    def wrong(self) -> str:
        """What two answers say against each other, or "" where they agree."""
        if self.steady.value <= 0:
            return f"with {self.steady.text} nothing is asked of the fleet"
        if self.peak.value < self.steady.value:
            return f"the peak, {self.peak.text}, is below the usual rate, {self.steady.text}"
        if self.p99.value < self.mean.value:
            return f"the slowest of a hundred, {self.p99.text}, is quicker than the average, {self.mean.text}"
        if of_mean_p99(self.mean.value, self.p99.value) is None:
            return (
                f"an average of {self.mean.text} beside {self.p99.text} for the slowest of a hundred is more than "
                "service times vary; with a slowest of a hundred that is up to 14 times the average it works"
            )
        quantiles = [quantile.text for quantile, _ in self.latency]
        twice = next((one for one in quantiles if quantiles.count(one) > 1), None)
        if twice is not None:
            return f"{twice} has two limits"
        if not 0 < self.success.value < 1:
            return f"{self.success.text} cannot be promised; write a share such as 99%"
        return ""


def said(kind: str, text: str) -> Said | str:
    """The answer of a kind of value of the language; a sentence where it is none, with what to write instead."""
    text = text.strip() if kind in _KINDS else "".join(text.split())
    source = Source("answer", text)
    item = Item(_KINDS.get(kind, Kind.QUANTITY), text, Span(source, 0, len(text)))
    read = value(kind, (item,), ())
    if isinstance(read, Diagnostic):
        return f"{read.message}; {read.help}" if read.help else read.message
    return Said(text, read.amount)


def latency_objective(text: str) -> tuple[Said, Said] | str:
    """The quantile and the limit of `p95 < 2s`; of `2s` alone it is p95."""
    match = _OBJECTIVE.fullmatch(text.strip())
    if match is None:
        return f"`{text}` is not an objective; write one such as `p95 < 2s`"
    quantile, limit = said("quantile", match[1] or "p95"), said("duration", match[2])
    if isinstance(quantile, str):
        return quantile
    return limit if isinstance(limit, str) else (quantile, limit)


def fleet_name(text: str) -> str:
    """A name of the language that is close to any text; "fleet" where nothing of it can be kept."""
    return name_meant(text) or "fleet"


def usual_peak(steady: Said) -> Said:
    """Where nobody knows the peak: twice the usual rate."""
    return _rate(steady.value * 2)


def usual_p99(mean: Said) -> Said:
    """Where nobody knows the tail: four times the average, nearly as far out as an exponential's."""
    return _duration(mean.value * 4)


def usual_limit(p99: Said) -> Said:
    """An objective that leaves room for waits: half as long again as the slowest of a hundred works."""
    return _duration(up(p99.value * Fraction(3, 2)))


def _rate(amount: Fraction) -> Said:
    return _literal("rate", rate(amount))


def _duration(amount: Fraction) -> Said:
    return _literal("duration", duration(amount))


def _literal(kind: str, text: str) -> Said:
    read = said(kind, text)
    assert isinstance(read, Said), read
    return read
