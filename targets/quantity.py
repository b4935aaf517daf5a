"""Exact quantities to the spellings that documents use.

Turns seconds, cores, bytes and shares into numbers and strings, and back. Invariant: what is rounded is rounded to the
safe side named in the docstring, and `is_whole_*` tells beforehand whether it will be; what is read is exact.
"""

from __future__ import annotations

import re
from fractions import Fraction
from math import isfinite

_UNITS = (("Ti", 1 << 40), ("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10))


def number(value: Fraction | int) -> int | float:
    """A JSON number: an integer where it is one, else the nearest double."""
    return value.numerator if value.denominator == 1 else float(value)


def optional(value: Fraction | int | None) -> int | float | None:
    return None if value is None else number(value)


def milliseconds(seconds: Fraction) -> int:
    """Rounded half up to a whole millisecond, at least 1.

    Istio refuses durations that are shorter or finer (`ValidateDuration` in its pkg/config/validation), and Envoy's
    timers count milliseconds.
    """
    # By integers: this is asked tens of thousands of times for a large fleet, and a Fraction is slow to make.
    return max(1, (2000 * seconds.numerator + seconds.denominator) // (2 * seconds.denominator))


def is_whole_milliseconds(seconds: Fraction) -> bool:
    return seconds.numerator * 1000 % seconds.denominator == 0 and seconds > 0


def duration(seconds: Fraction) -> str:
    """`1.5s`: seconds with at most three decimals, which protobuf's JSON, Go and CEL all read. See `milliseconds`."""
    whole, rest = divmod(milliseconds(seconds), 1000)
    return f"{whole}.{rest:03d}".rstrip("0").rstrip(".") + "s"


def by_units(seconds: Fraction) -> str:
    """`1h2s500ms`: whole numbers of up to five digits, all that the Gateway API takes (GEP-2257).

    Longer than 99,999 h is cut to that.
    """
    whole, rest = divmod(milliseconds(seconds), 1000)
    hours, left = divmod(whole, 3600)
    parts = ((min(hours, 99_999), "h"), (left, "s"), (rest, "ms"))
    return "".join(f"{count}{unit}" for count, unit in parts if count)


def percent_down(share: Fraction) -> int:
    """A whole per cent, rounded down: a bound on how much may be taken away is never exceeded."""
    return share.numerator * 100 // share.denominator


def is_whole_percent(share: Fraction) -> bool:
    return share.numerator * 100 % share.denominator == 0


def cpu(cores: Fraction) -> str:
    """A Kubernetes CPU quantity, rounded up to a millicore (finer ones are refused by the API server)."""
    milli = -(-cores.numerator * 1000 // cores.denominator)
    return str(milli // 1000) if milli % 1000 == 0 else f"{milli}m"


def memory(count: int) -> str:
    """A Kubernetes memory quantity in the largest binary unit that states `count` bytes exactly."""
    for name, size in _UNITS:
        if count and count % size == 0:
            return f"{count // size}{name}"
    return str(count)


_SUFFIXES = {
    **{name: Fraction(size) for name, size in _UNITS},
    **{name: Fraction(1 << power) for name, power in (("Pi", 50), ("Ei", 60))},
    **{name: Fraction(10) ** power for name, power in (("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18))},
    **{name: Fraction(1, 10**power) for name, power in (("m", 3), ("u", 6), ("n", 9))},
    "": Fraction(1),
}
_LONGEST = 100
"""Characters; no amount of this world takes more, and a million digits take minutes."""
_QUANTITY = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))([eE][+-]?[0-9]{1,3}|[KMGTPE]i|[numkMGTPE])?")
_SPANS = {
    "ns": Fraction(1, 10**9),
    "us": Fraction(1, 10**6),
    "µs": Fraction(1, 10**6),
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "m": Fraction(60),
    "h": Fraction(3600),
}
_SPAN = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|ms|s|m|h)")


def read_quantity(value: object) -> Fraction | None:
    """A Kubernetes quantity: cores, bytes or a count. None where it is none.

    Source: Kubernetes "Quantity" (decimal and binary suffixes, decimal exponents; a bare number too).
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Fraction(value)
    if isinstance(value, float):
        return Fraction(repr(value)) if isfinite(value) else None
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) and len(value) <= _LONGEST else None
    if match is None:
        return None
    suffix = match[2] or ""
    if suffix[:1] in ("e", "E") and suffix not in _SUFFIXES:
        return Fraction(match[1]) * Fraction(10) ** int(suffix[1:])
    return Fraction(match[1]) * _SUFFIXES[suffix]


def read_duration(value: object) -> Fraction | None:
    """Seconds of a duration as Go, protobuf and Istio write it: `1.5s`, `1m30s`. None where it is none."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST:
        return None
    total, at = Fraction(0), 0
    while at < len(value):
        match = _SPAN.match(value, at)
        if match is None:
            return None
        total += Fraction(match[1]) * _SPANS[match[2]]
        at = match.end()
    return total


def read_percent(value: object) -> Fraction | None:
    """The share of a text such as `25%`. None where it is none: a bare number is a count."""
    match = re.fullmatch(r"([0-9]{1,9})%", value) if isinstance(value, str) else None
    return Fraction(int(match[1]), 100) if match is not None else None
