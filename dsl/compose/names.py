"""`$name` in items -> what it stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from ..diagnostics import Diagnostic, Label, Severity
from ..forms.reuse import LET
from ..phrases import Mismatch
from ..phrases import match as matched
from ..placeholders import not_so_put_in
from ..slips import slip
from ..source import Span
from ..syntax import Block, Item, Kind, Statement

MOST = 16_000_000
"""Characters that names may come to in all, each item counted as a few more: names that stand for names many times over
grow beyond all measure in a few lines."""
_ITEM = 16

_NAME = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*)")
_BRACED = re.compile(_NAME.pattern.replace("(", r"\{(", 1) + r"\}")
_ANY = re.compile(r"\$\{?[A-Za-z_]")


@dataclass(slots=True)
class Names:
    """The values that are known by name. `used` tells where each was asked for."""

    values: dict[str, tuple[Item, ...]] = field(default_factory=dict)
    used: dict[str, list[Span]] = field(default_factory=dict)
    rounds: int = 0
    """How often loops have gone round so far."""
    size: int = 0
    """What they came to so far."""

    def statement(
        self, statement: Statement, own: Mapping[str, tuple[Item, ...]], found: list[Diagnostic]
    ) -> Statement:
        """The statement with every `$name` replaced, in its block too; the very same where it has none. `own` are the
        variables of loops around it."""
        if not has_names(statement):
            return statement
        items = tuple(new for item in statement.items for new in self._item(item, own, found))
        block = statement.block
        if block is not None:
            block = Block(tuple(self.statement(inner, own, found) for inner in block.statements), block.span)
        return Statement(items, block, statement.span)

    def mentioned(self, text: str) -> set[str]:
        """The names that stand in a text, where they are declared."""
        return {self._longest(match[1], {})[0] for match in _NAME.finditer(text)} & self.values.keys()

    def _item(self, item: Item, own: Mapping[str, tuple[Item, ...]], found: list[Diagnostic]) -> tuple[Item, ...]:
        if "$" not in item.text or item.kind not in (Kind.WORD, Kind.STRING):
            return (item,)
        whole = _NAME.fullmatch(item.text)
        if whole is not None:
            value = self._value(whole[1], item.span, own, found)
            return (item,) if value is None or self._too_much(value, item, found) else value
        text = self._unbraced(item, own, found) if item.kind is Kind.STRING else item.text
        for match in reversed(list(_NAME.finditer(text))):
            name, rest = self._longest(match[1], own)
            value = self._value(name, item.span, own, found)
            if value is None or self._too_much(value, item, found):
                return (item,)
            plain = "".join(one.string if one.kind is Kind.STRING else one.text for one in value)
            text = text[: match.start()] + plain + rest + text[match.end() :]
        return (item._replace(text=text),)

    def _unbraced(self, item: Item, own: Mapping[str, tuple[Item, ...]], found: list[Diagnostic]) -> str:
        """A text in which `${name}` stands for a name that there is, as it is written here."""
        text = item.text
        for match in reversed(list(_BRACED.finditer(text))):
            name, start = match[1], item.span.start + match.start()
            if name in own or name in self.values:
                place = Span(item.span.source, start, start + len(match.group()))
                found.append(not_so_put_in(place, match.group(), name))
                text = f"{text[: match.start()]}${name}{text[match.end() :]}"
        return text

    def _too_much(self, value: tuple[Item, ...], at: Item, found: list[Diagnostic]) -> bool:
        """Whether all that names stood for so far is too much, which is told once."""
        before = self.size
        self.size += sum(len(one.text) + _ITEM for one in value)
        if before <= MOST < self.size:
            message = f"what names stand for comes to more than {MOST:,} characters by here"
            found.append(
                Diagnostic("ST0004", Severity.ERROR, message, (Label(at.span),), help="let fewer names stand for names")
            )
        return self.size > MOST

    def _longest(self, name: str, own: Mapping[str, tuple[Item, ...]]) -> tuple[str, str]:
        """In `$region-worker` the name may be `region-worker` or `region`: the longest that is known."""
        parts = name.split("-")
        for length in range(len(parts), 0, -1):
            head = "-".join(parts[:length])
            if head in own or head in self.values:
                return head, name[len(head) :]
        return name, ""

    def _value(
        self, name: str, at: Span, own: Mapping[str, tuple[Item, ...]], found: list[Diagnostic]
    ) -> tuple[Item, ...] | None:
        if name in own:
            return own[name]
        self.used.setdefault(name, []).append(at)
        if name in self.values:
            return self.values[name]
        close = get_close_matches(name, [*self.values, *own], n=1)
        found.append(
            Diagnostic(
                "ST1040",
                Severity.ERROR,
                f"nothing is named `${name}`",
                (Label(at),),
                help=f"did you mean `${close[0]}`?" if close else f"declare it: `let {name} = …`",
            )
        )
        return None


def has_names(statement: Statement) -> bool:
    """Whether a `$name`, or `${name}`, stands in it: `$0.02` is none."""
    return _ANY.search(statement.span.text) is not None


def value_of(let: Statement) -> tuple[Item, ...]:
    """What a let's name stands for; of a slip, which is told where it stands, what was meant."""
    read = matched(LET.phrase, let.items, names=True)
    slipped = slip((LET,), let.items, read.at, read.expected) if isinstance(read, Mismatch) else None
    return (slipped.items[3:] if slipped is not None else ()) or let.items[3:]
