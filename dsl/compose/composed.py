"""A file with reuse of any kind -> one without, and what it was made of.

Invariant: a file without any comes out as it went in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ..diagnostics import Diagnostic, Label
from ..exchange import parse_any
from ..source import Source, Span
from ..syntax import File
from .composer import Composer
from .remembered import Remembered
from .rounds import told_once
from .used import Library, Parser, Used, no_library, with_used

_SHOWN = 3
"""Places where a let is used, beside a message about its value."""


@dataclass(frozen=True, slots=True)
class Composed:
    """`files` are all that were read, the spec's own first. `lets` and `environments` are those declared."""

    file: File
    files: tuple[File, ...]
    sources: tuple[Source, ...]
    """All texts that were read, those included of which no file could be made."""
    lets: tuple[str, ...]
    environments: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    _uses: Mapping[tuple[str | int, int], tuple[Span, ...]]
    _used: Used
    _settings: Mapping[str, str]
    _changes: Sequence[str]
    _memory: Remembered | None

    def under(self, environment: str) -> Composed:
        """The same files, which are not read again, with the overlay of an environment."""
        return _composed(self.files[0], self._used, environment, self._settings, self._changes, self._memory)

    def explained(self, found: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
        """Diagnostics about the value of a `let`, or of a loop's variable, also show where it is used."""
        out: list[Diagnostic] = []
        for one in told_once(found, self._used.statements):
            places = [(label.span.source.key, label.span.start) for label in one.labels]
            uses = [use for place in places for use in self._uses.get(place, ())]
            out.append(replace(one, labels=(*one.labels, *(Label(use, "used here") for use in uses))) if uses else one)
        return tuple(out)


def compose(
    file: File,
    library: Library = no_library,
    environment: str | None = None,
    settings: Mapping[str, str] | None = None,
    changes: Sequence[str] = (),
    parser: Parser = parse_any,
    memory: Remembered | None = None,
) -> Composed:
    """`environment` names the overlay to lay over the fleet; `settings` are texts that take the place of lets' values;
    `changes` are clauses that take the place of the fleet's own, one after the other (`changes.py`). `memory` is for
    who composes one text after the other: what did not change comes out as the same statements.

    An environment or a setting that the spec does not declare is for the caller to refuse, by `lets` and
    `environments`; here it changes nothing.
    """
    return _composed(file, with_used(file, library, parser), environment, settings or {}, changes, memory)


def _composed(
    file: File,
    used: Used,
    environment: str | None,
    settings: Mapping[str, str],
    changes: Sequence[str],
    memory: Remembered | None,
) -> Composed:
    composer = Composer(environment, settings, used.found, changes, memory)
    top = composer.reduce(used.statements)
    return Composed(
        replace(file, statements=top),
        (file, *used.files),
        (file.source, *used.sources),
        tuple(composer.names.values),
        tuple(composer.environments),
        tuple(composer.found),
        {
            (value[0].span.source.key, value[0].span.start): _first(composer.names.used.get(name, ()))
            for name, value in composer.names.values.items()
        },
        used,
        settings,
        changes,
        memory,
    )


def _first(uses: Sequence[Span]) -> tuple[Span, ...]:
    """Some places, each once."""
    found: list[Span] = []
    for one in uses:
        if one not in found:
            found.append(one)
            if len(found) == _SHOWN:
                break
    return tuple(found)
