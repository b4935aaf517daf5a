"""The other form of a spec: YAML and JSON that say what the text says, for machines that write specs.

Both directions follow from the registry of clauses (`shape.py`). Reading gives statements with places in the document,
so everything behind the parser is the same for both forms. Invariant: a spec that is written in the other form and
read again has the same statements, but for their order where it has no meaning, and for layout.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from ..clauses import read_clauses
from ..diagnostics import Diagnostic, Label, Severity
from ..other_notation import of_a_text
from ..parse import parse
from ..source import Source
from ..syntax import File, Statement

if TYPE_CHECKING:
    from .tree import Document

SCHEMA_KEY = "$schema"
"""Editors look for the schema of a JSON file under this key of it."""

__all__ = ["SCHEMA_KEY", "Notation", "notation_of", "parse_any", "write"]


class Notation(StrEnum):
    FLEET = "fleet"
    YAML = "yaml"
    JSON = "json"


def notation_of(path: str) -> Notation:
    """How a file is written, by the ending of its name."""
    ending = path.rpartition(".")[2].lower()
    return {"yaml": Notation.YAML, "yml": Notation.YAML, "json": Notation.JSON}.get(ending, Notation.FLEET)


def parse_any(source: Source, notation: Notation | None = None) -> tuple[File | None, tuple[Diagnostic, ...]]:
    """What `parse` gives, of a text in any notation; the ending of its path tells which where it is not said."""
    notation = notation_of(source.path) if notation is None else notation
    if notation is Notation.FLEET:
        return parse(source)
    # Loaded when they are wanted: most specs are texts.
    from .statements import statements
    from .tree import Fields

    document, wrong = _document(source, notation)
    if (document is None or not isinstance(document.root, Fields)) and (text := of_a_text(source)) is not None:
        return None, (text,)
    if document is None:
        return None, wrong
    file, found = statements(document)
    return file, wrong + found


def _document(source: Source, notation: Notation) -> tuple[Document | None, tuple[Diagnostic, ...]]:
    if notation is Notation.YAML:
        from .yaml_text import read_yaml

        return read_yaml(source)
    from .json_text import read_json

    return read_json(source)


def write(file: File, notation: Notation) -> str | Diagnostic:
    """A file that was read without errors, in a notation's one style; a diagnostic where a statement is no clause.

    Comments are kept where the notation has any.
    """
    from .documents import Entry, Leaf, Unsaid, document_of

    try:
        if notation is Notation.FLEET:
            from .fleet_text import fleet_text

            return fleet_text(file)
        document = document_of(file)
        named = _schema_named_in(file.source)
        if named is not None:
            document.entries.insert(0, Entry(SCHEMA_KEY, Leaf(named, text=True)))
        if notation is Notation.YAML:
            from .yaml_print import yaml_text

            return yaml_text(document)
        from .json_print import json_text

        return json_text(document)
    except Unsaid as unsaid:
        return _told(file, unsaid.statement)


def _schema_named_in(source: Source) -> str | None:
    """The schema that a document names for editors: no statement, but it must outlast being put in style."""
    notation = notation_of(source.path)
    if notation is Notation.FLEET or SCHEMA_KEY not in source.text:
        return None
    from .tree import Fields, Scalar

    document, _ = _document(source, notation)
    fields = document.root.fields if document is not None and isinstance(document.root, Fields) else ()
    return next((one.text for key, one in fields if key.text == SCHEMA_KEY and isinstance(one, Scalar)), None)


def _told(file: File, statement: Statement) -> Diagnostic:
    """What the reader of clauses says of a statement that has no other form."""
    place = statement.span
    for one in read_clauses(file)[1]:
        if place.start <= one.labels[0].span.start <= place.end:
            return one
    return Diagnostic(
        "ST1004",
        Severity.ERROR,
        f"`{statement.items[0].text}` cannot be written in another form",
        (Label(statement.head, "no clause of the language"),),
        help="`seatrial check` tells what is wrong with it",
    )
