"""A text in the language -> the bytes of a file, in the notation that its name ends in."""

from __future__ import annotations

from pathlib import Path

from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.exchange import Notation, notation_of, parse_any, write
from seatrial.dsl.source import Source

from .refusal import Refused


def in_notation(text: str, file: Path) -> bytes:
    notation = notation_of(file.name)
    if notation is Notation.FLEET:
        return text.encode()
    parsed, _ = parse_any(Source("draft.fleet", text))
    written = write(parsed, notation) if parsed is not None else None
    if written is None or isinstance(written, Diagnostic):
        raise Refused(f"{file}: this spec cannot be written as {notation.value}")
    return written.encode()
