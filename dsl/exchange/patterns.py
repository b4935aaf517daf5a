"""The kinds of value -> JSON Schema: what a string may look like, and where a bare number will do.

Units come from the tables that the reader of quantities has. Invariant: a pattern is as wide as the kind's dimension
and as narrow as its literals; whether a value is in its range, or a calculation comes to the right dimension, is told
by the reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..names import NAME, NAME_LENGTH
from ..phrases import Hole
from ..quantities import CPU, MAGNITUDES, MONEY, NUMBER, PER_UNITS, SIZE, SIZE_UNITS, TIME, TIME_UNITS, Dimension
from ..syntax import Kind
from ..values import KINDS, ValueKind
from ..versions import LANGUAGE_VERSION
from .shape import is_text

Schema = dict[str, object]

_INT = "[0-9][0-9_]*"
_NUM = rf"{_INT}(\.[0-9]+)?"
_FACTOR = rf"x{_NUM}"
_NAME_FOR_VALUE = r"\$[A-Za-z_][A-Za-z0-9_]*((-\$?|\$)[A-Za-z0-9_]+)*"
_WORD_WITH_NAME = r"(?=[^$]*\$)\$?[A-Za-z_][A-Za-z0-9_]*((-\$?|\$)[A-Za-z0-9_]+)*"
_WORD = rf"(?!{_FACTOR}$)[A-Za-z_][A-Za-z0-9_]*(-[A-Za-z0-9_]+)*(/[A-Za-z]+)?"
_STRING = r'"([^"\\\n\r]|\\[^\n\r])*"'
_ANY_QUANTITY = rf"\$?{_NUM}[A-Za-zµ%]*(/([A-Za-z]+|{_INT}))?"
_NAMED = "value.$name"
_CALCULATED = "value.calculation"
_QUANTILE = "p(0[1-9]|[1-9][0-9])([0-9]*[1-9])?"


def _calculation(operand: str, depth: int) -> str:
    """Amounts joined by signs, in parentheses; as deep as a regular expression can reasonably say."""
    inner = operand if depth == 1 else f"({operand}|{_calculation(operand, depth - 1)})"
    return rf"\( *{inner}( *[-+*/] *{inner})* *\)"


_CALCULATION = _calculation(f"({_ANY_QUANTITY}|{_NAME_FOR_VALUE})", 2)


def definitions() -> dict[str, Schema]:
    """A definition for each kind of value, and for a range of it."""
    either = f"({_CALCULATION}|{_ANY_QUANTITY}|{_NAME_FOR_VALUE})"
    out: dict[str, Schema] = {
        _NAMED: {
            "description": "A name that a `let` or a loop gave to a value",
            "examples": ["$peak"],
            **_string(_NAME_FOR_VALUE),
        },
        _CALCULATED: {
            "description": "A calculation in parentheses",
            "examples": ["(50 * 20)"],
            **_string(_CALCULATION),
        },
        f"{_CALCULATED}_or_range": {
            "description": "A calculation in parentheses, or a range with one in it",
            "examples": ["(50 * 20)..2_000"],
            **_string(rf"{_CALCULATION}|{either}\.\.{either}"),
        },
    }
    for name, kind in KINDS.items():
        for range_ in (False, True):
            out[_title(name, range_)] = _kind(name, kind, range_)
    return out


def reference(hole: Hole) -> Schema:
    """The schema of a hole's value."""
    if hole.field == "version":
        return {"enum": [LANGUAGE_VERSION, str(LANGUAGE_VERSION)]}
    if hole.choices:
        words: Schema = {"enum": sorted(" ".join(choice) for choice in hole.choices)}
        return {"anyOf": [words, _ref(_NAMED)]}
    name = hole.kind.removesuffix("..")
    return _ref(_title(name, hole.kind.endswith("..")))


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _string(pattern: str) -> Schema:
    return {"type": "string", "pattern": f"^({pattern})$"}


def _title(name: str, range_: bool) -> str:
    return f"value.{name}_or_range" if range_ else f"value.{name}"


def _kind(name: str, kind: ValueKind, range_: bool) -> Schema:
    said = f"{kind.title}, or a range of two with `..` between" if range_ else kind.title
    out: Schema = {"description": said[0].upper() + said[1:], "examples": _examples(kind, range_)}
    if is_text(Hole("", name)):
        return {**out, "type": "string"}
    one = f"({'|'.join(_alternatives(name, kind))})"
    string = _string(rf"{one}(\.\.{one})?" if range_ else one)
    if name == "name":
        string["maxLength"] = NAME_LENGTH
    number = _number(kind)
    ways = [string, _ref(_NAMED)] if number is None else [number, string, _ref(_NAMED)]
    if Kind.QUANTITY in kind.items:
        ways.append(_ref(f"{_CALCULATED}_or_range" if range_ else _CALCULATED))
    return {**out, "anyOf": ways}


def _examples(kind: ValueKind, range_: bool) -> list[object]:
    bare = kind.example.strip('"')
    plain: object = int(bare) if bare.isdigit() else bare
    return [plain, f"{bare}..{bare}0"] if range_ and bare.isdigit() else [plain]


def _alternatives(name: str, kind: ValueKind) -> Iterable[str]:
    if name == "name":
        # The lexer takes `x2` for a factor, and a cluster refuses two dashes in a row.
        return [rf"(?!.*--)(?!{_FACTOR}$){NAME.pattern}", _WORD_WITH_NAME]
    if name == "quantile":
        return [_QUANTILE]
    out: list[str] = []
    for item in kind.items:
        if item is Kind.QUANTITY:
            out.append(_quantity(kind))
        elif item is Kind.FACTOR:
            out.append(_FACTOR)
        elif item is Kind.STRING:
            out.append(_STRING)
        elif item is Kind.WORD:
            out.extend((_WORD, _WORD_WITH_NAME))
    return out


def _quantity(kind: ValueKind) -> str:
    if kind.dimension is None:
        return _ANY_QUANTITY
    if kind.percent:
        return rf"({_NUM}%|{_INT}/{_INT}|0(\.[0-9]+)?)"
    plain = _without_time(kind.dimension)
    if plain is not None:
        percent = rf"|{_NUM}%" if kind.dimension == NUMBER and not kind.whole else ""
        return f"({plain}{percent})"
    over = _without_time(kind.dimension * TIME)
    return f"{over}/({_words(PER_UNITS)})" if over is not None else _ANY_QUANTITY


def _without_time(dimension: Dimension) -> str | None:
    """Literals of a dimension that has units of its own."""
    if dimension == MONEY:
        return rf"\${_NUM}({_words(MAGNITUDES)})?"
    units = {NUMBER: f"({_words(MAGNITUDES)})?", TIME: f"({_words(TIME_UNITS)})", SIZE: f"({_words(SIZE_UNITS)})"}
    units[CPU] = f"(m|{_words(MAGNITUDES)})?"
    return rf"{_NUM}{units[dimension]}(/{_INT})?" if dimension in units else None


def _words(units: Iterable[str]) -> str:
    return "|".join(re.escape(unit) for unit in sorted(units, key=lambda unit: (-len(unit), unit)))


def _number(kind: ValueKind) -> Schema | None:
    """The bare numbers of a kind that may be said without a unit."""
    if Kind.QUANTITY not in kind.items or kind.dimension not in (None, NUMBER, CPU):
        return None
    out: Schema = {"type": "integer" if kind.whole else "number"}
    if kind.percent:
        return {**out, "minimum": 0, "exclusiveMaximum": 1}
    if kind.most is not None:
        out["maximum"] = int(kind.most)
    if kind.above_zero:
        return {**out, "exclusiveMinimum": 0}
    return {**out, "minimum": int(kind.least or 0)}
