"""A name in one file -> where it is declared and used in all files of its fleets.

Invariant: two files share a name only where one fleet holds both, by way of files that have the name too. So the pool
of one fleet is not taken for that of another, though both use a file that says nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from .fleets import Fleet, Fleets
from .names import Occurrence
from .text import Text


@dataclass(frozen=True, slots=True)
class Mention:
    text: Text
    at: Occurrence


class Mentions:
    """Looks at the files as they are now: made anew for each question."""

    def __init__(self, fleets: Fleets) -> None:
        self._fleets = fleets
        self._known: dict[Path, list[Fleet]] = {}
        self._lets: dict[Path, dict[str, tuple[str, ...]]] = {}

    def _around(self, text: Text) -> list[Fleet]:
        if text.file not in self._known:
            self._known[text.file] = self._fleets.around(text)
        return self._known[text.file]

    def within(self, text: Text) -> tuple[Occurrence, ...]:
        """All names in a file."""
        if text.file not in self._lets:
            others = {one.file: one for fleet in self._around(text) for one in fleet.values() if one is not text}
            self._lets[text.file] = {name: value for one in others.values() for name, value in one.names.lets.items()}
        return text.names.among(self._lets[text.file])

    def at(self, text: Text, offset: int) -> Occurrence | None:
        return next((one for one in self.within(text) if one.start <= offset <= one.end), None)

    def same(self, text: Text, of: Occurrence) -> list[Mention]:
        """Every place that means the same thing, those of the file itself first."""
        own = [Mention(text, one) for one in self.within(text) if one.means(of)]
        if of.scope is not None:
            return own
        found, seen, waiting = own, {text.file}, [text]
        while waiting:
            for fleet in self._around(waiting.pop()):
                for file, other in fleet.items():
                    if file in seen:
                        continue
                    there = [Mention(other, one) for one in self.within(other) if one.means(of)]
                    if there:
                        seen.add(file)
                        waiting.append(other)
                        found = found + there
        return found

    def declarations(self, text: Text, of: Occurrence) -> list[Mention]:
        return [one for one in self.same(text, of) if one.at.declares]

    def declared(self, text: Text, kinds: Iterable[str]) -> tuple[Occurrence, ...]:
        """The things of some kinds that may be named in a file, each name once, those of the file first."""
        wanted = set(kinds)
        found: dict[str, Occurrence] = {}
        for fleet in self._around(text):
            for other in fleet.values():
                for one in self.within(other):
                    if one.declares and one.kinds[0] in wanted:
                        for name in one.names:
                            found.setdefault(name, replace(one, name=name) if one.made else one)
        return tuple(found.values())

    def taken(self, text: Text, name: str, space: str) -> Mention | None:
        """The declaration of a name of this space, in any fleet that the file is a part of."""
        for fleet in self._around(text):
            for other in fleet.values():
                for one in self.within(other):
                    if one.declares and name in one.names and one.space == space:
                        return Mention(other, one)
        return None
