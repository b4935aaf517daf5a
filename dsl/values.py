"""The kinds of value that clauses take, and the reading of one: items -> a typed value or a diagnostic.

Invariant: a `Value` that leaves here has the dimension, the range and the wholeness that its kind demands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from .diagnostics import Diagnostic, Fix, Label, Severity
from .names import no_name
from .quantities import (
    CPU,
    MONEY,
    MONEY_PER_TIME,
    MOST_DIGITS,
    NAMES,
    NUMBER,
    RATE,
    SIZE,
    TIME,
    Amount,
    BadLiteral,
    Dimension,
    read,
)
from .source import Span
from .syntax import Item, Kind


@dataclass(frozen=True, slots=True)
class ValueKind:
    """A kind: which items can be one, its dimension, and its bounds (inclusive, in the base unit)."""

    title: str
    example: str
    items: tuple[Kind, ...] = (Kind.QUANTITY,)
    dimension: Dimension | None = None
    whole: bool = False
    least: Fraction | None = None
    above_zero: bool = False
    most: Fraction | None = None
    shown: str = ""
    """How a form shows it; the kind's own name where that says enough."""
    periods: tuple[str, ...] = ()
    """The times that are usual behind its `/`, where not all of them are."""
    percent: bool = False
    """Wants a share: with a % sign or as a fraction, not as a bare number above 1."""


_QUANTITY = (Kind.QUANTITY,)
_INT32 = Fraction(2**31 - 1)
"""The largest count that a field of Kubernetes or Istio takes."""
_FASTEST = Fraction(10**9)
"""Requests per second: with a token bucket of one second Envoy's counts (uint32) still hold them."""
KINDS: dict[str, ValueKind] = {
    "name": ValueKind("a name", "triage", (Kind.WORD,)),
    "text": ValueKind("a text in quotes", '"…"', (Kind.STRING,)),
    "count": ValueKind("a whole number", "10", _QUANTITY, NUMBER, whole=True, least=Fraction(0), most=_INT32),
    "positive": ValueKind("a whole number above 0", "10", _QUANTITY, NUMBER, whole=True, least=Fraction(1), most=_INT32, shown="COUNT"),
    "number": ValueKind("a number", "0.4", _QUANTITY, NUMBER, least=Fraction(0)),
    "factor": ValueKind("a factor", "x2", (Kind.FACTOR,), NUMBER, above_zero=True),
    "share": ValueKind("a share", "20%", _QUANTITY, NUMBER, least=Fraction(0), most=Fraction(1), percent=True),
    "more": ValueKind("a number", "0.4", _QUANTITY, NUMBER, above_zero=True, shown="NUMBER"),
    "part": ValueKind("a share", "20%", _QUANTITY, NUMBER, above_zero=True, most=Fraction(1), percent=True, shown="SHARE"),
    "duration": ValueKind("a duration", "30s", _QUANTITY, TIME, above_zero=True),
    "moment": ValueKind("a duration", "30s", _QUANTITY, TIME, least=Fraction(0), shown="DURATION"),
    "rate": ValueKind("a rate", "400/s", _QUANTITY, RATE, least=Fraction(0)),
    "pace": ValueKind("a rate", "400/s", _QUANTITY, RATE, above_zero=True, most=_FASTEST, shown="RATE"),
    "money": ValueKind("an amount of money", "$3", _QUANTITY, MONEY, least=Fraction(0)),
    "price": ValueKind("a price per time", "$0.02/h", _QUANTITY, MONEY_PER_TIME, least=Fraction(0), shown="PRICE/TIME"),
    "spend": ValueKind("an amount of money per hour, day or month", "$500/day", _QUANTITY, MONEY_PER_TIME, above_zero=True, shown="MONEY/PERIOD", periods=("h", "hour", "d", "day", "month")),
    "bytes": ValueKind("an amount of memory", "128Mi", _QUANTITY, SIZE, whole=True, above_zero=True),
    "cpu": ValueKind("an amount of cpu", "100m", _QUANTITY, CPU, above_zero=True),
    "quantile": ValueKind("a quantile", "p95", (Kind.WORD,)),
    "literal": ValueKind("a value", "8_000/s", (Kind.QUANTITY, Kind.FACTOR, Kind.STRING, Kind.WORD)),
    "item": ValueKind("a name or a number", "north", (Kind.WORD, Kind.QUANTITY)),
}  # fmt: skip


AS_WRITTEN = frozenset(KINDS) - {"name", "text", "quantile"}
"""Kinds whose values have the text of the source at their place."""


class Value(NamedTuple):
    """A value as read. `amount` is in the base unit; a range has `high` too; words and strings have `text` only."""

    text: str
    span: Span
    amount: Fraction = Fraction(0)
    high: Fraction | None = None
    high_span: Span | None = None


def value(kind_name: str, first: tuple[Item, ...], last: tuple[Item, ...]) -> Value | Diagnostic:
    """One value of a kind from its items, a range where `last` is given."""
    kind = KINDS[kind_name]
    span = first[0].span.to(first[-1].span)
    if kind_name == "name":
        return _name(first[0])
    if kind_name == "text":
        return Value(first[0].string, span)
    if kind_name == "quantile":
        return _quantile(first[0])
    if kind_name in ("literal", "item"):
        return Value(span.text, span, high_span=last[0].span.to(last[-1].span) if last else None)
    low = _amount(kind, first)
    if isinstance(low, Diagnostic):
        return low
    if not last:
        return Value(span.text, span, low)
    high = _amount(kind, last)
    if isinstance(high, Diagnostic):
        return high
    high_span = last[0].span.to(last[-1].span)
    if high < low:
        return _backwards(span, high_span)
    return Value(span.text, span, low, high, high_span)


def _backwards(low: Span, high: Span) -> Diagnostic:
    """Mended where the range stands as it is read: of an end that a name stands for the place is elsewhere."""
    turned, message = f"{high.text}..{low.text}", f"the range {low.text}..{high.text} runs backwards"
    between = low.source.text[low.end : high.start] if low.source is high.source else ""
    if between.strip() != "..":
        ends = (Label(low, "the lower end"), Label(high, "the upper end"))
        return Diagnostic("ST1104", Severity.ERROR, message, ends, help="the lower end comes first")
    whole = low.to(high)
    label = Label(whole, "the lower end comes first")
    return Diagnostic("ST1104", Severity.ERROR, message, (label,), help=f"write {turned}", fixes=_fix(whole, turned))


def _name(item: Item) -> Value | Diagnostic:
    return no_name(item) or Value(item.text, item.span)


def _fix(span: Span, new: str) -> tuple[Fix, ...]:
    return (Fix(span, new, f"write {new}"),)


_QUANTILE = re.compile(r"p(?!00)([0-9]{2}(?:[0-9]{0,17}[1-9])?)")
"""Two digits at the least, and behind them no 0 at the end: p5 would be the half, p100 a tenth, and p500 the half."""


def _quantile(item: Item) -> Value | Diagnostic:
    match = _QUANTILE.fullmatch(item.text)
    if match is None:
        return Diagnostic(
            "ST1104",
            Severity.ERROR,
            f"`{item.text}` is not a quantile",
            (Label(item.span),),
            help="write p50, p95, p99 or p999",
            fixes=_fix(item.span, item.text.lower()) if _QUANTILE.fullmatch(item.text.lower()) else (),
        )
    digits = match[1]
    return Value(item.text, item.span, Fraction(int(digits), 10 ** len(digits)))


def _amount(kind: ValueKind, items: tuple[Item, ...]) -> Fraction | Diagnostic:
    span = items[0].span.to(items[-1].span)
    wanted = kind.dimension or NUMBER
    amount = _Expression(items, wanted).read() if len(items) > 1 else _literal(items[0], wanted)
    if isinstance(amount, Diagnostic):
        return amount
    if wanted == CPU and amount.dimension == NUMBER and not amount.percent:
        amount = Amount(amount.value, CPU)
    if amount.dimension != wanted:
        return _wrong_dimension(kind, span, _said(items), amount)
    if kind.percent and not amount.percent and amount.value >= 1 and not any("/" in item.text for item in items):
        return Diagnostic(
            "ST1101",
            Severity.ERROR,
            f"`{_said(items)}` needs a unit: a share is wanted here, this is a plain number",
            (Label(span, "a share lies between 0% and 100%"),),
            help=f"write {_said(items)}%",
            fixes=_fix(span, f"{span.text}%") if _is_as_written(items) else (),
        )
    if amount.percent and kind.whole:
        return Diagnostic(
            "ST1102",
            Severity.ERROR,
            f"{kind.title} is wanted here, `{_said(items)}` is a share",
            (Label(span),),
            help=f"write a count such as {kind.example}",
        )
    return _bounds(kind, amount.value, span, computed=len(items) > 1)


def _said(items: tuple[Item, ...]) -> str:
    """As it was meant, where it was mended: `1` of a slip `1 agent`."""
    return items[0].text if len(items) == 1 else items[0].span.to(items[-1].span).text


def _is_as_written(items: tuple[Item, ...]) -> bool:
    """Not so where a value comes from a `let`: what stands at its place is the name."""
    return all(item.text == item.span.text for item in items)


def _bounds(kind: ValueKind, amount: Fraction, span: Span, computed: bool) -> Fraction | Diagnostic:
    problem = ""
    if kind.whole and amount.denominator != 1:
        problem = "not whole" if kind.dimension == NUMBER else "not a whole number of bytes"
    elif (kind.above_zero and amount <= 0) or (kind.least is not None and kind.least >= 1 and amount < kind.least):
        problem = "not above 0"
    elif kind.least is not None and amount < kind.least:
        problem = "negative"
    elif kind.most is not None and amount > kind.most:
        problem = "above 100%" if kind.percent else f"above {int(kind.most):,}{'/s' if kind.dimension == RATE else ''}"
    if not problem:
        return amount
    comes = f", which comes to {float(amount):g}," if computed else ""
    return Diagnostic(
        "ST1104",
        Severity.ERROR,
        f"`{span.text}`{comes} is out of range: {kind.title} is wanted here",
        (Label(span, problem),),
        help=f"write for example {kind.example}",
    )


def _wrong_dimension(kind: ValueKind, span: Span, said: str, amount: Amount) -> Diagnostic:
    is_a = "a share" if amount.percent else NAMES.get(amount.dimension, str(amount.dimension))
    if amount.dimension == NUMBER and not amount.percent:
        suggestions = {
            TIME: f"write {said}s or {said}ms",
            RATE: f"write {said}/s or {said}/min",
            SIZE: f"write {said}Mi or {said}Gi",
            MONEY: f"write ${said}",
            MONEY_PER_TIME: f"write ${said}/h, ${said}/day or ${said}/month",
        }
        return Diagnostic(
            "ST1101",
            Severity.ERROR,
            f"`{said}` needs a unit: {kind.title} is wanted here, this is {is_a}",
            (Label(span, "no unit"),),
            help=suggestions.get(kind.dimension or NUMBER, f"write for example {kind.example}"),
        )
    if amount.dimension == RATE and kind.dimension == MONEY_PER_TIME:
        other = f"write what it may cost, such as {kind.example}; how many there may be in a time is said by a `quota`"
        help_ = f"write ${said}" if said.endswith(("/h", "/day", "/month")) else other
    elif amount.dimension == TIME and kind.dimension == SIZE and re.fullmatch(r"[0-9][0-9_.]*m", said):
        help_ = f"`m` is minutes here, and thousandths of a core; did you mean {said[:-1]}Mi?"
    elif amount.dimension == MONEY and kind.dimension == MONEY_PER_TIME:
        help_ = f"say per what time: {said}/h, {said}/day or {said}/month"
    else:
        help_ = f"write {kind.title} such as {kind.example}"
    return Diagnostic(
        "ST1102",
        Severity.ERROR,
        f"{kind.title} is wanted here, `{said}` is {is_a}",
        (Label(span, is_a),),
        help=help_,
    )


def _literal(item: Item, wanted: Dimension) -> Amount | Diagnostic:
    text = item.text.removeprefix("x") if item.kind is Kind.FACTOR else item.text
    amount = read(text, wanted)
    if wanted == CPU and text.endswith("M"):
        # Millions of cores are a slip of the shift key, and would be a costly one.
        amount = BadLiteral(f"`{text}` would be millions of cores", "did you mean `m`, thousandths of a core?", "M")
    if isinstance(amount, BadLiteral):
        code = "ST1103" if amount.unit else "ST1104"
        return Diagnostic(
            code,
            Severity.ERROR,
            amount.message,
            (Label(item.span),),
            help=amount.help,
            fixes=_mended(item, amount),
        )
    return amount


def _mended(item: Item, bad: BadLiteral) -> tuple[Fix, ...]:
    """The literal with the unit that was meant, where the help names one."""
    meant = re.match(r"did you mean `/?([^`]+)`", bad.help)
    if bad.meant and item.text == item.span.text:
        return _fix(item.span, item.text.removesuffix(bad.unit) + bad.meant)
    if meant and bad.unit and item.text == item.span.text and item.text.count(bad.unit) == 1:
        return _fix(item.span, item.text.replace(bad.unit, meant[1]))
    wrong_way_round = re.fullmatch(r"([0-9][0-9_.]*)\$(/[a-z]+)?", item.text)
    return _fix(item.span, f"${wrong_way_round[1]}{wrong_way_round[2] or ''}") if wrong_way_round else ()


_MOST_BITS = 4 * MOST_DIGITS * 10 // 3
"""In either part of a fraction: two literals with all their digits can still be multiplied, and their units put in."""


class _Expression:
    """Exact arithmetic in parentheses: `(50 * 20)`, `($3 / 2 + $1)`. Dimensions multiply, divide and must agree."""

    def __init__(self, items: tuple[Item, ...], wanted: Dimension) -> None:
        self.items, self.wanted, self.at = items, wanted, 0

    def read(self) -> Amount | Diagnostic:
        found = self._operand()
        if isinstance(found, Amount) and self.at < len(self.items):
            return self._unexpected()
        return found

    def _span(self, start: int, end: int) -> Span:
        return self.items[start].span.to(self.items[end - 1].span)

    def _sum(self) -> Amount | Diagnostic:
        start = self.at
        left = self._product()
        while isinstance(left, Amount) and self.at < len(self.items) and self.items[self.at].text in "+-":
            sign = self.items[self.at]
            self.at += 1
            behind = self.at
            right = self._product()
            if isinstance(right, Diagnostic):
                return right
            if left.dimension != right.dimension:
                return Diagnostic(
                    "ST1102",
                    Severity.ERROR,
                    f"`{sign.text}` wants two amounts of one dimension: "
                    f"here are {left.dimension} and {right.dimension}",
                    (
                        Label(sign.span),
                        Label(self._span(start, behind - 1), f"{left.dimension}"),
                        Label(self._span(behind, self.at), f"{right.dimension}"),
                    ),
                    help="give both sides the same kind of unit",
                )
            value = left.value + right.value if sign.text == "+" else left.value - right.value
            left = Amount(value, left.dimension, left.percent and right.percent)
            if max(value.numerator.bit_length(), value.denominator.bit_length()) > _MOST_BITS:
                return self._too_long(sign)
        return left

    def _product(self) -> Amount | Diagnostic:
        left = self._operand()
        while isinstance(left, Amount) and self.at < len(self.items) and self.items[self.at].text in "*/":
            sign = self.items[self.at]
            self.at += 1
            right = self._operand()
            if isinstance(right, Diagnostic):
                return right
            if sign.text == "*":
                left = Amount(left.value * right.value, left.dimension * right.dimension)
            elif right.value == 0:
                return Diagnostic(
                    "ST1104",
                    Severity.ERROR,
                    "division by zero",
                    (Label(sign.span),),
                    help="divide by something else, or write the value itself",
                )
            else:
                left = Amount(left.value / right.value, left.dimension / right.dimension)
            if max(left.value.numerator.bit_length(), left.value.denominator.bit_length()) > _MOST_BITS:
                return self._too_long(sign)
        return left

    def _operand(self) -> Amount | Diagnostic:
        if self.at >= len(self.items):
            return self._unexpected()
        item = self.items[self.at]
        if item.text == "(":
            self.at += 1
            inner = self._sum()
            if isinstance(inner, Diagnostic):
                return inner
            if self.at >= len(self.items) or self.items[self.at].text != ")":
                return self._unexpected()
            self.at += 1
            return inner
        if item.kind in (Kind.QUANTITY, Kind.FACTOR):
            self.at += 1
            return _literal(item, self.wanted)
        return self._unexpected()

    def _too_long(self, at: Item) -> Diagnostic:
        return Diagnostic(
            "ST1104",
            Severity.ERROR,
            f"what this calculation comes to has more than {4 * MOST_DIGITS} digits",
            (Label(at.span, "up to here"),),
            help="round the amounts in it",
        )

    def _unexpected(self) -> Diagnostic:
        item = self.items[min(self.at, len(self.items) - 1)]
        return Diagnostic(
            "ST1004",
            Severity.ERROR,
            f"`{item.text}` is not expected in this calculation",
            (Label(item.span),),
            help="write amounts joined by + - * / in parentheses",
        )
