"""The one record in which every stage reports to the user."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from ..source import Span

_LONGEST = 400
"""Characters of a word that somebody can still want to read; names and paths that work are shorter."""
_SHOWN = 60
_ENDLESS = re.compile(rf"\S{{{_LONGEST + 1},}}")


def readable(text: str) -> str:
    """A text without words that fill screens: of those the beginning, and how long they are."""
    if len(text) <= _LONGEST:
        return text
    return _ENDLESS.sub(_shortened, text)


def _shortened(found: re.Match[str]) -> str:
    word, quote = found[0].strip("`"), "`" if found[0].startswith("`") else ""
    return f"{quote}{word[:_SHOWN]}…{quote} ({len(word):,} characters)"


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Label:
    """A place, and what there is to say about it in a few words."""

    span: Span
    text: str = ""

    def __post_init__(self) -> None:
        if len(self.text) > _LONGEST:
            object.__setattr__(self, "text", readable(self.text))


@dataclass(frozen=True, slots=True)
class Fix:
    """A change of the text that mends it: what stands at `span` becomes `new`. `text` says so in words.

    `also`: what else must change with it, each a place and its new text.
    """

    span: Span
    new: str
    text: str
    also: tuple[tuple[Span, str], ...] = ()

    def __post_init__(self) -> None:
        if len(self.text) > _LONGEST:
            object.__setattr__(self, "text", readable(self.text))

    @property
    def edits(self) -> tuple[tuple[Span, str], ...]:
        return ((self.span, self.new), *self.also)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. The first label is the primary place; the others are secondary.

    `message` is a sentence in the user's words without a full stop, `help` says the way out. `fixes` are alternatives,
    the best one first. `guarantee` is the id of the guarantee that it tells of, "" where it is about the text.
    `allowed` is the reason that the spec gives for accepting it, "" where it gives none. Words of the spec are shown in
    short where they are very long; a fix keeps them.
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

    def __post_init__(self) -> None:
        for name, said in (("message", self.message), ("help", self.help)):
            if len(said) > _LONGEST:
                object.__setattr__(self, name, readable(said))
        if any(len(one) > _LONGEST for one in self.notes):
            object.__setattr__(self, "notes", tuple(readable(one) for one in self.notes))

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    @property
    def in_files(self) -> tuple[Label, ...]:
        """The places that a machine can open: what `--set` says is none."""
        return tuple(label for label in self.labels if label.span.source.is_file)

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
