"""Figures of a manifest that a clause can say.

Turns a field's value into an exact amount within the bounds of the language. Invariant: a figure outside of them is
None here, so that its reader refuses it and it is listed.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeVar

from ..quantity import read_duration, read_quantity
from .manifest import Fields

MOST = 2**31 - 1
"""Of a count, here and in the language."""
_FINEST = 10**9
"""Kubernetes' quantities have nine places behind the point at the most."""
_LARGEST = 2**63
_MICROSECOND = 10**6
OUT_OF_RANGE = "no clause can say this figure"
_Read = TypeVar("_Read")


def whole(value: object, least: int = 1, most: int = MOST) -> int | None:
    """A count."""
    fits = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
    return value if isinstance(value, int) and fits else None


def amount(value: object) -> Fraction | None:
    """A quantity above 0."""
    found = read_quantity(value)
    fits = found is not None and 0 < found < _LARGEST and _FINEST % found.denominator == 0
    return found if fits else None


def part(value: object) -> Fraction | None:
    """Of a number of per cent, from 0 to 100."""
    found = read_quantity(value) if isinstance(value, int | float) else None
    fits = found is not None and 0 <= found <= 100 and _FINEST % found.denominator == 0
    return found / 100 if found is not None and fits else None


def lasting(value: object) -> Fraction | None:
    """Seconds of a duration: whole microseconds, one at the least."""
    found = read_duration(value)
    fits = found is not None and 0 < found < _LARGEST // _FINEST and _MICROSECOND % found.denominator == 0
    return found if fits else None


def taken(fields: Fields, path: str, read: Callable[[object], _Read | None]) -> _Read | None:
    """What `read` makes of a field, which then is carried; None, and listed, where it is nothing that a clause says."""
    found = read(fields.peek(path))
    if found is not None:
        fields.take(path)
    elif fields.peek(path) is not None:
        fields.refuse(path, OUT_OF_RANGE)
    return found
