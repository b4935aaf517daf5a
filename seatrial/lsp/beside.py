"""A place in a text in quotes, in a comment or in a name -> what may be written there: paths, codes, `$name`s."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from lsprotocol import types

from seatrial.dsl.diagnostics.codes import CODES

from .document import Document
from .fleets import ENDINGS
from .mentions import Mentions

MOST_PATHS = 500

_PATH = re.compile(r'(?:^|[;{])\s*use\s+"([^"]*)$')
_ALLOW = re.compile(r"#+\s*seatrial:\s*(allow\s+(?:[A-Z0-9]+\s*,\s*)*)?([A-Za-z0-9]*)$")
_VARIABLE = re.compile(r"\$[A-Za-z0-9_-]*$")


def beside(document: Document, offset: int, line: str, mentions: Mentions) -> list[types.CompletionItem]:
    """What stands at the place is replaced. `line` is what stands before the place in its line."""
    found: Iterator[types.CompletionItem] = iter(())
    begun = ""
    if path := _PATH.search(line):
        folder, _, begun = path[1].rpartition("/")
        found = _paths(document, folder)
    elif allow := _ALLOW.search(line):
        begun = allow[2]
        found = _codes(document) if allow[1] else iter((_item("allow ", types.CompletionItemKind.Keyword),))
    elif variable := _VARIABLE.search(line):
        begun = variable[0]
        found = variables(document, offset, mentions)
    where = document.lines.range(offset - len(begun), offset)
    out = []
    for number, one in enumerate(found):
        one.text_edit = types.TextEdit(where, one.insert_text or one.label)
        one.sort_text = f"{number:04}"
        out.append(one)
    return out


def variables(document: Document, offset: int, mentions: Mentions) -> Iterator[types.CompletionItem]:
    """The variables of the loops around a place, the innermost first, and the names of values."""
    here = document.understanding.at(offset)
    for outer in reversed((*here[1].around, here[1])) if here is not None else ():
        if outer.form is not None and outer.form.key == "for" and len(outer.statement.items) > 1:
            yield _item(f"${outer.statement.items[1].text}", types.CompletionItemKind.Variable, "for")
    for name in mentions.declared(document, ("let",)):
        yield _item(f"${name.name}", types.CompletionItemKind.Variable, "let")


def _paths(document: Document, folder: str) -> Iterator[types.CompletionItem]:
    """Folders and files that may be used, from where paths in this file count."""
    try:
        entries = sorted(os.scandir(document.file.parent / folder), key=lambda one: one.name)
        shown = [(one.name, one.is_dir()) for one in entries if not one.name.startswith(".")]
    except (OSError, ValueError):
        return
    wanted = [(name, inner) for name, inner in shown if inner or name.endswith(ENDINGS)]
    for name, inner in wanted[:MOST_PATHS]:
        if inner:
            yield _item(f"{name}/", types.CompletionItemKind.Folder)
        elif (document.file.parent / folder / name).resolve() != document.file:
            yield _item(name, types.CompletionItemKind.File)


def _codes(document: Document) -> Iterator[types.CompletionItem]:
    """Those that are told of this file, then all others; errors of syntax can never be allowed."""
    told = dict.fromkeys(one.code for one in document.told)
    for code in dict.fromkeys(one for one in (*told, *CODES) if not one.startswith("ST0")):
        one = _item(code, types.CompletionItemKind.EnumMember, CODES[code])
        one.insert_text = f"{code} because "
        yield one


def _item(label: str, kind: types.CompletionItemKind, detail: str | None = None) -> types.CompletionItem:
    return types.CompletionItem(label, kind=kind, detail=detail, filter_text=label)
