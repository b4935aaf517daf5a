"""A text whose braces were lost -> the text with them where its indentation and its words want them.

Walks down the lines with the blocks that are open. A line that is indented under one that opened no block lacks a `{`
above it; one that is indented no deeper than the line that opened its block lacks a `}`; and within a line the forms
tell where a block begins or ends. Invariant: every character that means something keeps its place, since only blanks,
line ends and comments are written over. What comes out is a guess, which the caller holds against the text as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from .diagnostics import Diagnostic, Fix, Label, Severity
from .forms import ROOT, Form, walk
from .indentation import MOST, Line, leading, said, surplus
from .source import STRING, Source, Span

_PARTS = re.compile(STRING + r'|[{};]|[^\s{};"]+|"')


@dataclass(slots=True)
class _Open:
    """A block that is open: `place` of its brace, `told` the number of the diagnostic where it was put in.

    `forms` are those that its statement may be, none where its word is not known.
    """

    place: int
    indent: int
    forms: tuple[Form, ...]
    told: int | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """A brace, a semicolon or a word of a line. `first` is the word that begins its statement."""

    text: str
    start: int
    first: str


def laid_out(source: Source, text: str) -> tuple[str, tuple[Diagnostic, ...]] | None:
    """The text with braces put in or taken out, and what to say of each; None where its lines ask for none.

    `text` is that of the source, perhaps with braces moved.
    """
    walking = _Layout(source, text)
    walking.walk()
    return ("".join(walking.out), tuple(walking.found)) if walking.found and walking.fits else None


@cache
def _by_opening() -> dict[str, tuple[Form, ...]]:
    found: dict[str, tuple[Form, ...]] = {}
    for _, form in walk():
        if form.body:
            found[form.opening] = (*found.get(form.opening, ()), form)
    return found


def _forms(around: tuple[Form, ...], word: str) -> tuple[Form, ...]:
    """The forms with a block that a statement may be, by its first word and the block it stands in."""
    here = tuple(form for parent in around for form in parent.by_opening.get(word, ()) if form.body)
    return here or _by_opening().get(word, ())


@cache
def _fewest_words(form: Form) -> int:
    """Of a head, as far as the phrase has no choices."""
    return len(re.split(r" ?[\[(]", form.phrase)[0].split())


def _takes(forms: tuple[Form, ...], word: str) -> bool:
    return any(word in form.by_opening for form in forms)


class _Layout:
    def __init__(self, source: Source, text: str) -> None:
        self.source, self.text = source, text
        self.out = list(text)
        self.found: list[Diagnostic] = []
        self.stack: list[_Open] = []
        self.owed = 0
        """The `}` that the line before lacks at its end."""
        self.fits = True

    def walk(self) -> None:
        before: Line | None = None
        for line, after in pairwise([*said(self.text), None]):
            if line is None or len(self.found) >= MOST or not self.fits:
                return
            self._line(before, line, after)
            before = line

    def _line(self, before: Line | None, line: Line, after: Line | None) -> None:
        at = line.start
        if self.text[at] == "}":
            self._close_down_to(line.indent + 1, before, line)
            closes = self.stack and self.stack[-1].indent >= line.indent
            # The last statement of the same indentation may be the head of a block with nothing in it.
            if not closes and (before is None or before.indent != line.indent or not self._open_below(before)):
                self._stray(at)
                return
            self.stack.pop()
            at += 1
        elif self.text[at].isalpha() and (before is None or self.text[before.end - 1] != ","):
            self._close_down_to(line.indent, before, line)
            if before is not None and line.indent > before.indent and self.text[before.end - 1] not in "{},":
                self._open_below(before)
        self._inside(line, at, after)

    def _close_down_to(self, indent: int, before: Line | None, line: Line) -> None:
        """Closes, before a line, the blocks that were opened on lines indented so far or further."""
        missing, self.owed = self.owed, 0
        while self.stack and self.stack[-1].indent >= indent:
            end = len(self.text[: self.source.line_start(line.start)].rstrip("\r\n"))
            self._unclosed(self.stack.pop(), end, apart=True)
            missing += 1
        if missing and before is not None:
            self._put("}" * missing + ("" if self.text[line.start] == "}" else ";"), before.end, line.start)

    def _open_below(self, line: Line) -> bool:
        """Opens a block behind what is said on a line; False where it can have none, or there is no room."""
        words = list(self._parts(line.start, line.end))
        gap = line.end
        if not words or words[-1].text in ("{", "}") or gap >= len(self.text) or self.text[gap] not in " \t\r\n":
            return False
        self.stack.append(self._unopened(line.start, line.end, line.indent, _forms(self._around, words[-1].first)))
        self._put("{", gap, gap + 1)
        return True

    def _inside(self, line: Line, at: int, after: Line | None) -> None:
        """The braces of a line, behind one that it begins with."""
        parts = list(self._parts(at, line.end))
        depth = least = 0
        for part in parts:
            depth += {"{": 1, "}": -1}.get(part.text, 0)
            least = min(least, depth)
        stays = depth - least
        goes_on = bool(parts) and parts[-1].text == "{"
        if after is None:
            unclosed, level = 0, 0
        else:
            closes = self.text[after.start] == "}"
            unclosed, level = stays, after.indent + closes
            if after.indent > line.indent and (goes_on or stays == 1):
                unclosed = 0
            elif goes_on and closes and after.indent == line.indent:
                unclosed -= 1
        unopened = max(-least - sum(one.indent >= level for one in self.stack), 0)
        if not unclosed and not unopened and self._is_bare(parts):
            unclosed = unopened = 1
        self._within(line, parts, unclosed, unopened)

    def _is_bare(self, parts: list[_Part]) -> bool:
        """Whether a line begins with a block without braces: `each cpu 1; memory 1Gi`."""
        words, meant = 0, tuple[Form, ...]()
        for before, part in pairwise([None, *parts]):
            assert part is not None
            if part.text in ("{", "}"):
                return False
            if part.text == ";":
                continue
            if before is not None and before.text == ";":
                return _takes(meant, part.text) and not _takes(self._around, part.text)
            forms = tuple(one for one in _forms(self._around, part.first) if words >= _fewest_words(one))
            meant = meant or (forms if _takes(forms, part.text) else ())
            words += 1
        return False

    def _within(self, line: Line, parts: list[_Part], unclosed: int, unopened: int) -> None:
        """Takes a line's blocks as they are, but for so many `}` and `{` that it lacks."""
        outside = len(self.stack)
        head, begins, last, words = line.start, True, line.start, 0
        for part in parts:
            around = self._around
            if part.text == "{":
                self.stack.append(_Open(part.start, line.indent, _forms(around, part.first)))
            elif part.text == "}":
                if self.stack:
                    self.stack.pop()
                outside = min(outside, len(self.stack))
            elif part.text != ";":
                if begins:
                    head = part.start
                    if unclosed and len(self.stack) > outside and not _takes(around, part.text):
                        outer = self.stack[-2].forms if len(self.stack) > 1 else (ROOT,)
                        # Between the two stand the `;` and a blank at least.
                        if _takes(outer, part.text) and part.start - last > 1:
                            self._unclosed(self.stack.pop(), last, apart=False)
                            self._put("};", last, part.start)
                            unclosed -= 1
                elif unopened and self.text[part.start - 1] in " \t":
                    # A name may be a word that begins a clause too: `trial load { … }`.
                    forms = tuple(one for one in _forms(around, part.first) if words >= _fewest_words(one))
                    if _takes(forms, part.text):
                        self.stack.append(self._unopened(head, last, line.indent, forms))
                        self._put("{", part.start - 1, part.start)
                        unopened -= 1
            begins = part.text in ("{", "}", ";")
            words = 0 if begins else words + 1
            if part.text != ";":
                last = part.start + len(part.text)
        for _ in range(min(unclosed, len(self.stack) - outside)):
            self._unclosed(self.stack.pop(), line.end, apart=False)
            self.owed += 1

    @property
    def _around(self) -> tuple[Form, ...]:
        return self.stack[-1].forms if self.stack else (ROOT,)

    def _parts(self, start: int, end: int) -> Iterator[_Part]:
        first = ""
        for match in _PARTS.finditer(self.text, start, end):
            text = match.group()
            first = first or ("" if text in ("{", "}", ";") else text)
            yield _Part(text, match.start(), first)
            if text in ("{", "}", ";"):
                first = ""

    def _put(self, braces: str, start: int, end: int) -> None:
        """Writes over what stands between two places, which means nothing."""
        self.fits = self.fits and len(braces) <= end - start
        self.out[start:end] = braces.ljust(end - start)[: end - start]

    def _unopened(self, start: int, end: int, indent: int, forms: tuple[Form, ...]) -> _Open:
        head = " ".join(self.text[start:end].split())
        self.found.append(
            Diagnostic(
                "ST0003",
                Severity.ERROR,
                f"the block of `{head if len(head) <= 40 else head[:39] + '…'}` is never opened",
                (Label(Span(self.source, end, end), "a `{` is missing here"),),
                help="what follows it reads as its block: add a `{`",
                fixes=(Fix(Span(self.source, end, end), " {", "add a `{` behind it"),),
            )
        )
        return _Open(start, indent, forms, len(self.found) - 1)

    def _unclosed(self, one: _Open, end: int, *, apart: bool) -> None:
        """`apart`: the `}` belongs on a line of its own."""
        lead = leading(self.source.text[self.source.line_start(one.place) : one.place])
        place = Span(self.source, end, end)
        missing = Label(place, "a `}` is missing here")
        new = f"\n{lead}}}" if apart else " }"
        if one.told is not None:
            told = self.found[one.told]
            fix = replace(told.fixes[0], also=((place, new),), text="add both braces")
            self.found[one.told] = replace(
                told,
                message=told.message.replace("opened", "opened nor closed"),
                labels=(*told.labels, missing),
                help="what follows it reads as its block: add a `{`, and a `}` where it ends",
                fixes=(fix,),
            )
            return
        self.found.append(
            Diagnostic(
                "ST0003",
                Severity.ERROR,
                "this `{` is never closed",
                (Label(Span(self.source, one.place, one.place + 1), "opened here"), missing),
                help="add a `}` where the block ends",
                fixes=(Fix(place, new, f"add a `}}`{' on a line of its own' if apart else ''}"),),
            )
        )

    def _stray(self, at: int) -> None:
        self.found.append(surplus(Span(self.source, at, at + 1)))
        self._put(" ", at, at + 1)
