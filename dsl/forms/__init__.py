"""Every clause of the language: its phrase, what it means, where it may stand and how often.

The parser knows what a statement is; this registry knows which statements there are. Invariant: within one body the
forms with the same opening word differ in shape, so that at most one of them matches a statement.
"""

from __future__ import annotations

from collections.abc import Iterator

from .fleet import DECLARATIONS, FILE, FLEET, PART, ROOT, is_part
from .form import Form, Times
from .policy import POLICY

__all__ = ["DECLARATIONS", "FILE", "FLEET", "PART", "POLICY", "ROOT", "Form", "Times", "is_part", "walk"]


def walk(form: Form = ROOT, trail: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Form]]:
    """Every form with the openings of the forms around it, in the order of the registry."""
    for child in form.body:
        yield trail, child
        yield from walk(child, (*trail, child.opening))
