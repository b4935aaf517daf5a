"""Exact amounts to the literals of the language, and foreign names to names of the language.

Invariant: a literal that is written here reads back as the amount that it was made of.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from fractions import Fraction

from seatrial.dsl.names import NAME, NAME_LENGTH

from ..quantity import cpu, memory


def seconds(amount: Fraction) -> str:
    """A duration that is a whole number of microseconds, in the largest unit that states it shortly."""
    assert amount > 0 and (amount * 1_000_000).denominator == 1, amount
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        if (amount / size).denominator == 1:
            return f"{amount / size}{unit}"
    milliseconds = amount * 1000
    return f"{milliseconds}ms" if milliseconds.denominator == 1 else f"{milliseconds * 1000}us"


def share(amount: Fraction) -> str:
    """Per cent with as many places as it takes; a fraction where no such number ends."""
    return f"{decimal(amount * 100)}%" if _ends(amount) else f"{amount.numerator}/{amount.denominator}"


def rate(amount: Fraction) -> str:
    """A rate per second, in the smallest unit in which it is a whole number; else with as many places as it takes.

    `is_rate` tells beforehand whether there is such a number.
    """
    for unit, size in (("s", 1), ("min", 60), ("h", 3600)):
        if (amount * size).denominator == 1:
            return f"{decimal(amount * size)}/{unit}"
    return f"{decimal(amount * 3600)}/h"


def is_rate(amount: Fraction) -> bool:
    return 10**9 % (amount * 3600).denominator == 0


def decimal(amount: Fraction) -> str:
    """A number, with nine places at the most: a placeholder with more is rounded to them."""
    whole, rest = divmod(round(amount * 10**9), 10**9)
    ended = f"{whole}.{rest:09d}".rstrip("0").rstrip(".")
    return f"{whole:_}" if rest == 0 and whole >= 10_000 else ended


def cores(amount: Fraction) -> str:
    return cpu(amount)


def size(amount: Fraction) -> str:
    """Whole bytes, rounded up."""
    shown = memory(-(-amount.numerator // amount.denominator))
    return f"{shown}B" if shown.isdigit() else shown


def text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def name(wanted: str, taken: Collection[str] = (), longest: int = NAME_LENGTH) -> str:
    """A name of the language close to `wanted` that is not among those taken."""
    made = re.sub(r"-+", "-", re.sub(r"[^a-z0-9-]", "-", wanted.lower())).strip("-")
    if not re.match("[a-z]", made):
        made = f"x-{made}".strip("-")
    made = made[:longest].strip("-")
    number, plain = 1, made
    while made in taken:
        number += 1
        tail = f"-{number}"
        made = plain[: longest - len(tail)].strip("-") + tail
    return made


def is_name(wanted: str) -> bool:
    return NAME.fullmatch(wanted) is not None and len(wanted) <= NAME_LENGTH and "--" not in wanted


def _ends(amount: Fraction) -> bool:
    rest = amount.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1 and amount.denominator <= 10**9
