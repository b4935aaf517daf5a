"""Exact quantities to the spellings that documents use.

Turns seconds, cores, bytes and shares into numbers and strings. Invariant: what is rounded is rounded to the safe side
named in the docstring, and `is_whole_*` tells beforehand whether it will be.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

_UNITS = (("Ti", 1 << 40), ("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10))


def number(value: Fraction | int) -> int | float:
    """A JSON number: an integer where it is one, else the nearest double."""
    exact = Fraction(value)
    return exact.numerator if exact.denominator == 1 else float(exact)


def optional(value: Fraction | int | None) -> int | float | None:
    return None if value is None else number(value)


def milliseconds(seconds: Fraction) -> int:
    """Rounded half up to a whole millisecond, at least 1.

    Istio refuses durations that are shorter or finer (`ValidateDuration` in its pkg/config/validation), and Envoy's
    timers count milliseconds.
    """
    return max(1, floor(seconds * 1000 + Fraction(1, 2)))


def is_whole_milliseconds(seconds: Fraction) -> bool:
    return (seconds * 1000).denominator == 1 and seconds > 0


def duration(seconds: Fraction) -> str:
    """`1.5s`: seconds with at most three decimals, which protobuf's JSON, Go and CEL all read. See `milliseconds`."""
    whole, rest = divmod(milliseconds(seconds), 1000)
    return f"{whole}.{rest:03d}".rstrip("0").rstrip(".") + "s"


def percent_down(share: Fraction) -> int:
    """A whole per cent, rounded down: a bound on how much may be taken away is never exceeded."""
    return floor(share * 100)


def is_whole_percent(share: Fraction) -> bool:
    return (share * 100).denominator == 1


def cpu(cores: Fraction) -> str:
    """A Kubernetes CPU quantity, rounded up to a millicore (finer ones are refused by the API server)."""
    milli = ceil(cores * 1000)
    return str(milli // 1000) if milli % 1000 == 0 else f"{milli}m"


def memory(count: int) -> str:
    """A Kubernetes memory quantity in the largest binary unit that states `count` bytes exactly."""
    for name, size in _UNITS:
        if count and count % size == 0:
            return f"{count // size}{name}"
    return str(count)
