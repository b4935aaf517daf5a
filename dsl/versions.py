"""The versions of the language that are read, and what to say of another one.

Invariant: a file that says no version is of version 1, whatever the newest is: without the line a file must not change
its meaning either.
"""

from __future__ import annotations

from .diagnostics import Diagnostic, Label, Severity
from .values import Value

LANGUAGE_VERSION = 1


def not_read(version: Value) -> Diagnostic | None:
    """Why a file of this version is refused; None where it is read."""
    if version.amount == LANGUAGE_VERSION:
        return None
    newer = version.amount > LANGUAGE_VERSION
    return Diagnostic(
        "ST1030",
        Severity.ERROR,
        f"language {version.text} is not known",
        (Label(version.span, f"this seatrial reads language {LANGUAGE_VERSION}"),),
        help="a newer seatrial may read it" if newer else f"write `language {LANGUAGE_VERSION}`",
    )
