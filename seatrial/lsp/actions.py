"""What is told at a place -> the changes that mend it, as an editor offers them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lsprotocol import types

from .document import Document
from .told import Mend, Place, Told

EXPLAIN = "seatrial.explain"
"""The command that gives the text of a code, as Markdown."""


def actions(
    document: Document,
    start: int,
    end: int,
    as_lsp: Callable[[Told], types.Diagnostic],
    elsewhere: Callable[[Place], types.Location | None],
) -> Iterator[types.CodeAction]:
    """The repairs of all that is told between two offsets, the smallest change first; then the texts of codes."""
    near = [one for one in document.told if _touches(one, start, end)]
    for one in near:
        for number, mend in enumerate(one.mends):
            edit = _edit(document, mend, elsewhere)
            if edit is not None:
                yield types.CodeAction(
                    title=f"{mend.text[:1].upper()}{mend.text[1:]}",
                    kind=types.CodeActionKind.QuickFix,
                    diagnostics=[as_lsp(one)],
                    is_preferred=number == 0 and len(near) == 1,
                    edit=edit,
                )
    for code in dict.fromkeys(one.code for one in near):
        yield types.CodeAction(
            title=f"Explain {code}",
            kind=types.CodeActionKind.Empty,
            command=types.Command(title=f"Explain {code}", command=EXPLAIN, arguments=[code]),
        )


def _touches(one: Told, start: int, end: int) -> bool:
    """At any of its labels: a clash may be mended where any of its clauses stands."""
    return any(not place.path and place.start <= end and start <= place.end for place, _ in one.places)


def _edit(
    document: Document, mend: Mend, elsewhere: Callable[[Place], types.Location | None]
) -> types.WorkspaceEdit | None:
    changes: dict[str, list[types.TextEdit]] = {}
    for place, new in mend.edits:
        if place.path:
            found = elsewhere(place)
            if found is None:
                return None
            changes.setdefault(found.uri, []).append(types.TextEdit(found.range, new))
        else:
            where = document.lines.range(place.start, place.end)
            changes.setdefault(document.uri, []).append(types.TextEdit(where, new))
    return types.WorkspaceEdit({uri: list(edits) for uri, edits in changes.items()})
