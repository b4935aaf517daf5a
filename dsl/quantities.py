"""Literals with units -> exact amounts with dimensions.

Invariant: an amount is a `Fraction` in the base unit of its dimension (seconds, dollars, bytes, cores, tokens, or a
plain number); nothing here ever goes through a float.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from functools import lru_cache


@dataclass(frozen=True, slots=True, order=True)
class Dimension:
    """Exponents of the base dimensions."""

    time: int = 0
    money: int = 0
    size: int = 0
    cpu: int = 0

    def __mul__(self, other: Dimension) -> Dimension:
        return Dimension(self.time + other.time, self.money + other.money, self.size + other.size, self.cpu + other.cpu)

    def __truediv__(self, other: Dimension) -> Dimension:
        return Dimension(self.time - other.time, self.money - other.money, self.size - other.size, self.cpu - other.cpu)

    def __str__(self) -> str:
        return NAMES.get(self) or "a quantity of an unusual dimension"


NUMBER = Dimension()
TIME = Dimension(time=1)
RATE = Dimension(time=-1)
MONEY = Dimension(money=1)
MONEY_PER_TIME = Dimension(money=1, time=-1)
SIZE = Dimension(size=1)
CPU = Dimension(cpu=1)

NAMES = {
    NUMBER: "a plain number",
    TIME: "a duration",
    RATE: "a rate",
    MONEY: "an amount of money",
    MONEY_PER_TIME: "money per time",
    SIZE: "an amount of memory",
    CPU: "an amount of cpu",
    Dimension(size=1, time=-1): "memory per time",
}

HOUR = 3600
DAY = 24 * HOUR
MONTH = 730 * HOUR
"""A twelfth of a year, as cloud providers bill; so a budget of a month compares with prices of an hour."""

TIME_UNITS: dict[str, Fraction] = {
    "us": Fraction(1, 1_000_000),
    "µs": Fraction(1, 1_000_000),
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "m": Fraction(60),
    "h": Fraction(HOUR),
    "d": Fraction(DAY),
    "w": Fraction(7 * DAY),
}
PER_UNITS: dict[str, Fraction] = {
    "s": Fraction(1),
    "second": Fraction(1),
    "m": Fraction(60),
    "min": Fraction(60),
    "minute": Fraction(60),
    "h": Fraction(HOUR),
    "hour": Fraction(HOUR),
    "d": Fraction(DAY),
    "day": Fraction(DAY),
    "month": Fraction(MONTH),
}
SIZE_UNITS: dict[str, int] = {
    "B": 1,
    "k": 10**3,
    "M": 10**6,
    "G": 10**9,
    "T": 10**12,
    "kB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
    "Ki": 2**10,
    "Mi": 2**20,
    "Gi": 2**30,
    "Ti": 2**40,
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "TiB": 2**40,
}
MAGNITUDES: dict[str, int] = {"k": 10**3, "M": 10**6, "G": 10**9, "B": 10**9}

UNIT_WORDS = {
    "sec": "s", "secs": "s", "second": "s", "seconds": "s", "min": "m", "mins": "m", "minute": "m", "minutes": "m",
    "hr": "h", "hrs": "h", "hour": "h", "hours": "h", "day": "d", "days": "d", "week": "w", "weeks": "w",
    "msec": "ms", "msecs": "ms", "millis": "ms", "millisecond": "ms", "milliseconds": "ms", "usec": "us",
    "mi": "Mi", "gi": "Gi", "ki": "Ki", "mib": "Mi", "gib": "Gi", "Kib": "Ki", "Mib": "Mi", "Gib": "Gi", "K": "k",
    "percent": "%", "S": "s", "MS": "ms", "cores": "", "core": "", "cpus": "", "vcpu": "", "vcpus": "", "vCPU": "",
}  # fmt: skip
"""What people write for a unit, and the unit; a core has none."""
RATE_WORDS = {
    "rps": "/s", "qps": "/s", "tps": "/s", "hz": "/s", "Hz": "/s", "req": "/s", "reqs": "/s", "ops": "/s",
    "rpm": "/min", "qpm": "/min", "rph": "/h",
}  # fmt: skip
"""What people write for a rate, and how it ends here."""
_BITS = {
    unit: meant
    for units, meant in {
        ("kb", "Kb", "KB"): ("kB", "Ki"), ("mb", "Mb", "mB"): ("MB", "Mi"), ("gb", "Gb", "gB"): ("GB", "Gi"),
        ("tb", "Tb"): ("TB", "Ti"),
    }.items()
    for unit in units
}  # fmt: skip
"""A small b stands for bits elsewhere, but nobody means them here."""
_PER_WORDS = {
    "sec": "s",
    "secs": "s",
    "seconds": "s",
    "mins": "min",
    "minutes": "min",
    "hr": "h",
    "hours": "h",
    "days": "day",
}

MOST_DIGITS = 60
"""In one literal, and in what a calculation comes to: nothing in this world needs more, and a million take minutes."""

LITERAL = re.compile(
    r"(?P<money>\$)?(?P<number>[0-9][0-9_]*(?:\.[0-9]+)?)(?P<unit>[A-Za-zµ%]+)?"
    r"(?:/(?:(?P<divisor>[0-9][0-9_]*)|(?P<per>[A-Za-z]+)))?"
)


@dataclass(frozen=True, slots=True)
class Amount:
    value: Fraction
    dimension: Dimension
    percent: bool = False
    """Written with a % sign."""


@dataclass(frozen=True, slots=True)
class BadLiteral:
    """Why a literal is none. `unit` is the part that is not known, "" where something else is wrong."""

    message: str
    help: str = ""
    unit: str = ""
    meant: str = ""
    """What belongs in its place, where the help does not say it."""


@lru_cache(maxsize=4096)
def read(text: str, wanted: Dimension) -> Amount | BadLiteral:
    """The amount of a literal such as `8_000/s`, `$0.68/h`, `100m`, `20%`, `2/3`.

    Where a unit has two meanings (`m` is minutes or thousandths of a core, `M` millions or megabytes) the wanted
    dimension decides. The amount may still be of another dimension: that is for the caller to compare.
    """
    if len(text) > MOST_DIGITS and sum(char.isdigit() for char in text) > MOST_DIGITS:
        return BadLiteral(f"this number has more than {MOST_DIGITS} digits", "round it")
    match = LITERAL.fullmatch(text)
    if match is None and "$" in text[1:]:
        head, _, tail = text.partition("$")
        return BadLiteral(f"`{text}` has the sign behind the amount", f"write ${head}{tail}")
    if match is None:
        return BadLiteral(f"`{text}` is not a quantity", "write a number with its unit: 30s, 128Mi, $5/h, 20%, 400/s")
    value = Fraction(match["number"].replace("_", ""))
    unit, per = match["unit"] or "", match["per"]
    if match["divisor"]:
        divisor = int(match["divisor"].replace("_", ""))
        if divisor == 0:
            return BadLiteral(f"`{text}` divides by zero", "write a share such as 2/3")
        value /= divisor
    dimension = NUMBER
    if match["money"]:
        dimension = MONEY
        if unit:
            if unit not in MAGNITUDES:
                return BadLiteral(f"`{unit}` is not a magnitude of money", "write $50_000, $50k or $1.5M", unit)
            value *= MAGNITUDES[unit]
    elif unit == "%":
        if per or match["divisor"]:
            return BadLiteral(f"`{text}` mixes a percentage and a division", "write one of them: 20% or 1/5")
        return Amount(value / 100, NUMBER, percent=True)
    elif unit:
        found = _unit(unit, wanted, rate=per is not None)
        if found is None:
            return _unknown(unit, wanted)
        factor, dimension = found
        value *= factor
    if per is not None:
        if per not in PER_UNITS:
            close = [_PER_WORDS[per]] if per in _PER_WORDS else get_close_matches(per, PER_UNITS, n=1)
            hint = f"did you mean `/{close[0]}`?" if close else "a rate is per s, min, h, day or month"
            return BadLiteral(f"`/{per}` is not a unit of time", hint, per)
        value /= PER_UNITS[per]
        dimension = dimension / TIME
    return Amount(value, dimension)


def _unit(unit: str, wanted: Dimension, *, rate: bool) -> tuple[Fraction, Dimension] | None:
    meanings: list[tuple[Fraction, Dimension]] = []
    if unit in TIME_UNITS:
        meanings.append((TIME_UNITS[unit], TIME))
    if unit == "m":
        meanings.append((Fraction(1, 1000), CPU))
    if unit in SIZE_UNITS and unit not in MAGNITUDES:
        meanings.append((Fraction(SIZE_UNITS[unit]), SIZE))
    if unit in MAGNITUDES:
        meanings.append((Fraction(MAGNITUDES[unit]), NUMBER))
        if unit in SIZE_UNITS:
            meanings.append((Fraction(SIZE_UNITS[unit]), SIZE))
        if unit == "B":
            meanings.append((Fraction(1), SIZE))
    target = wanted * TIME if rate else wanted
    fitting = [meaning for meaning in meanings if meaning[1] == target]
    best = fitting or meanings
    return best[0] if best else None


def _unknown(unit: str, wanted: Dimension) -> BadLiteral:
    if wanted == CPU and unit.lower() in ("mb", "mi", "mib", "millicores", "milli", "mcpu", "mcores"):
        # A megabyte would be the next thing that does not fit.
        return BadLiteral(f"`{unit}` is no unit of cpu", "did you mean `m`, thousandths of a core?", unit)
    by_dimension = {TIME: list(TIME_UNITS), SIZE: list(SIZE_UNITS), CPU: ["m"], NUMBER: [*MAGNITUDES, "%"]}
    everything = [*TIME_UNITS, *SIZE_UNITS, "%"]
    if unit in RATE_WORDS and wanted == RATE:
        return BadLiteral(
            f"`{unit}` is not a unit that is known here",
            f"did you mean `{RATE_WORDS[unit]}`?",
            unit,
            RATE_WORDS[unit],
        )
    if unit in _BITS and wanted == SIZE:
        meant, bigger = _BITS[unit]
        hint = f"did you mean `{meant}`? Memory is counted in bytes, or in powers of two: `{bigger}`"
        return BadLiteral(f"`{unit}` is not a unit that is known here", hint, unit)
    close = (
        [UNIT_WORDS[unit]] if unit in UNIT_WORDS else get_close_matches(unit, by_dimension.get(wanted, everything), n=1)
    )
    known = ", ".join(by_dimension.get(wanted, everything))
    if close:
        hint = f"did you mean `{close[0]}`?" if close[0] else "cpu is counted in cores, and written without a unit"
    else:
        hint = f"known here: {known}"
    return BadLiteral(f"`{unit}` is not a unit that is known here", hint, unit)
