"""Diagnostics -> names that stay the same from run to run, so that a code host tells a new finding from a known one.

Invariant: lines that are added or removed elsewhere, indentation and the figures of a witness do not change a name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from .paths import relative
from .record import Diagnostic


def fingerprints(diagnostics: Sequence[Diagnostic]) -> tuple[str, ...]:
    """One for each diagnostic, in order: 16 hexadecimal digits, a colon, and which of its equals it is, from 1."""
    seen: Counter[str] = Counter()
    out: list[str] = []
    for one in diagnostics:
        name = sha256("\0".join(_essence(one)).encode()).hexdigest()[:16]
        seen[name] += 1
        out.append(f"{name}:{seen[name]}")
    return tuple(out)


def _essence(one: Diagnostic) -> tuple[str, ...]:
    if not one.labels:
        return (one.code, one.guarantee, one.message)
    span = one.labels[0].span
    path = relative(span.source.path)
    if one.guarantee:
        # The id names the guarantee and its parties; the line of it may change while the conflict is the same.
        return (one.code, path, one.guarantee)
    return (one.code, path, " ".join(span.source.line(span.line).split()), span.text)
