"""Exact numbers -> the words in which a user would say them: $146,000, 1,752, 800 ms, 12.5 %.

Invariant: what is shown is rounded only where the rest would not be read; a whole number is never rounded.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction


def number(value: int | Fraction | float, digits: int = 3) -> str:
    """Thousands separated; a fraction to `digits` significant figures, a whole number in full."""
    if not isinstance(value, Fraction):
        value = Fraction(value)
    top, bottom = value.numerator, value.denominator
    if bottom == 1:
        return f"{top:,}"
    nearest = top / bottom
    places = max(0, digits - 1 - math.floor(math.log10(abs(nearest) or 1)))
    shown = f"{nearest:,.{places}f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def rounded_up(value: Fraction, digits: int = 3) -> Fraction:
    """The least that is not below, of as many figures as are told: "29.3 s or more" must do where 29.25 s do."""
    if value.denominator == 1 or value <= 0:
        return value
    # As `number` counts the figures, and `seconds`, which tells what is below one in thousandths.
    scale = Fraction(10) ** max(0, digits - 1 - math.floor(math.log10(value)))
    return math.ceil(value * scale) / scale


def dollars(value: Fraction) -> str:
    """Whole dollars from $1,000 on, cents below; of less than a dollar three figures, that products of it add up."""
    if value.denominator == 1:
        return f"${value.numerator:,}"
    if value >= 1000:
        return f"${round(value):,}"
    if value >= 1:
        return f"${float(value):,.2f}"
    whole, _, places = number(value, 3).partition(".")
    return f"${whole}.{places:0<2}"


def share(value: Fraction) -> str:
    """A share of 1 as per cent; what is almost all is never rounded to all: 99.95 % and 99.99 %."""
    rest = 1 - value
    if 0 < rest < Fraction(1, 1000):
        # Two figures of what is missing; a double has no more than a dozen to show.
        places = min(12, -1 - math.floor(math.log10(rest)))
        return f"{float(value * 100):.{places}f}".rstrip("0").rstrip(".") + " %"
    return f"{number(value * 100)} %"


def seconds(value: int | Fraction | float, digits: int = 3) -> str:
    """A duration in the unit that reads best."""
    if not isinstance(value, Fraction):
        value = Fraction(value)
    if value.denominator == 1:
        for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
            if value.numerator >= size and value.numerator % size == 0:
                return f"{value.numerator // size:,} {unit}"
    elif 0 < value.numerator < value.denominator:
        return f"{number(value * 1000, digits)} ms"
    return f"{number(value, digits)} s"


def seconds_beside(value: int | Fraction | float, limit: int | Fraction | float) -> str:
    """A duration in as many figures as tell it apart from a limit that it is held against."""
    return next((told for digits in range(3, 10) if (told := seconds(value, digits)) != seconds(limit)), seconds(value))


def written(value: Fraction) -> str:
    """A duration as a spec has it: 2s, 250ms."""
    return seconds(value, 12).replace(" ", "").replace("min", "m").replace(",", "_")


def per_second(value: Fraction, what: str = "") -> str:
    """1 request/s, 2 requests/s; `what` in the plural."""
    return per_time(value, what, "s", 1)


def per_time(rate: Fraction, what: str, unit: str, seconds_of_unit: int) -> str:
    """A rate per second, told per s, min, h or day."""
    shown = rate * seconds_of_unit
    if not what:
        return f"{number(shown)}/{unit}"
    return f"{number(shown)} {what.removesuffix('s') if shown == 1 else what}/{unit}"


def size(value: int | Fraction) -> str:
    """Bytes in binary units."""
    for power, unit in ((40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")):
        if value >= 2**power:
            return f"{number(Fraction(value, 2**power))} {unit}"
    return f"{number(value)} B"


def counted(count: int | Fraction, one: str, many: str = "") -> str:
    """1 agent, 2 agents."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def needed(agents: int | Fraction, slots: int | Fraction | None = None) -> str:
    """1 agent is needed, 2 agents of concurrency 8 are needed."""
    each = "" if slots is None else f" of concurrency {number(slots)}"
    return f"{counted(agents, 'agent')}{each} {'is' if agents == 1 else 'are'} needed"


def are(count: int | Fraction) -> str:
    """1 is, 2 are."""
    return f"{number(count)} {'is' if count == 1 else 'are'}"


def are_others(count: int) -> str:
    """1 other is, 2 others are."""
    return f"{counted(count, 'other')} {'is' if count == 1 else 'are'}"


def listed(items: list[str]) -> str:
    """a, b and c."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def told_together(reasons: Iterable[str]) -> str:
    """Several reasons, one after the other; a way out that ends several of them is said once, behind the last."""
    ends: dict[str, list[str]] = {}
    for reason in reasons:
        why, _, way_out = reason.rpartition("; ")
        ends.setdefault(way_out if why else reason, []).append(why)
    return "; ".join("; ".join([*filter(None, whys), end]) for end, whys in ends.items())
