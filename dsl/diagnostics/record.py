"""The one record in which every stage reports to the user."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from ..source import Span


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Label:
    """A place, and what there is to say about it in a few words."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """A change of the text that mends it: what stands at `span` becomes `new`. `text` says so in words.

    `also`: what else must change with it, each a place and its new text.
    """

    span: Span
    new: str
    text: str
    also: tuple[tuple[Span, str], ...] = ()

    @property
    def edits(self) -> tuple[tuple[Span, str], ...]:
        return ((self.span, self.new), *self.also)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. The first label is the primary place; the others are secondary.

    `message` is a sentence in the user's words without a full stop, `help` says the way out. `fixes` are alternatives,
    the best one first. `guarantee` is the id of the guarantee that it tells of, "" where it is about the text.
    `allowed` is the reason that the spec gives for accepting it, "" where it gives none.
    """

    code: str
    severity: Severity
    message: str
    labels: tuple[Label, ...]
    notes: tuple[str, ...] = ()
    help: str = ""
    fixes: tuple[Fix, ...] = ()
    guarantee: str = ""
    allowed: str = ""

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    def placed(self, place: Callable[[Span], Span]) -> Diagnostic:
        """The same with other places."""
        return replace(
            self,
            labels=tuple(Label(place(label.span), label.text) for label in self.labels),
            fixes=tuple(
                Fix(place(fix.span), fix.new, fix.text, tuple((place(span), new) for span, new in fix.also))
                for fix in self.fixes
            ),
        )


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sorted by file and place, so that two runs print the same; exact repeats are dropped."""

    def place(diagnostic: Diagnostic) -> tuple[str, int, str, str]:
        if not diagnostic.labels:
            return ("", 0, diagnostic.code, diagnostic.message)
        span = diagnostic.labels[0].span
        return (span.source.path, span.start, diagnostic.code, diagnostic.message)

    unique = {(place(one), one.severity): one for one in diagnostics}
    return tuple(unique[key] for key in sorted(unique, key=lambda pair: pair[0]))
