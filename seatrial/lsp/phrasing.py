"""Items of a statement -> which part of which phrase each of them is, and what may come next.

Unlike `dsl.phrases.match`, which decides, this follows every way that a phrase can be read, also of a statement that
is half written, and lets `$name` stand where a value belongs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from seatrial.dsl.forms import Form
from seatrial.dsl.phrases import Element, Hole, Literal, Optional, Repeat, compiled
from seatrial.dsl.syntax import Item, Kind
from seatrial.dsl.values import KINDS

Roles = tuple[Literal | Hole, ...]
_Then = Callable[[int, Roles], None]


@dataclass(slots=True)
class Fit:
    """`roles` are those of the first items, as far as they fit. `next` is what may stand behind the last item."""

    roles: Roles = ()
    complete: bool = False
    next: list[Literal | Hole] = field(default_factory=list)


def fit(form: Form, items: tuple[Item, ...]) -> Fit:
    """The way to read a phrase that goes furthest, a complete one before others."""
    found = Fit()

    def done(at: int, roles: Roles) -> None:
        if at == len(items):
            if not found.complete:
                found.roles, found.complete = roles, True
        elif len(roles) > len(found.roles) and not found.complete:
            found.roles = roles

    _Follow(items, found).along(compiled(form.phrase), 0, 0, (), done)
    return found


def best(forms: tuple[Form, ...], items: tuple[Item, ...]) -> tuple[Form, Fit] | None:
    """The form that a statement is, or comes nearest to, among those with its first word."""
    fits = [(form, fit(form, items)) for form in forms if items and form.opening == items[0].text]
    return max(fits, key=lambda one: (one[1].complete, len(one[1].roles)), default=None)


class _Follow:
    def __init__(self, items: tuple[Item, ...], found: Fit) -> None:
        self.items, self.found = items, found

    def along(self, elements: tuple[Element, ...], index: int, at: int, roles: Roles, then: _Then) -> None:
        if len(roles) > len(self.found.roles) and not self.found.complete:
            self.found.roles = roles
        if index == len(elements):
            then(at, roles)
            return

        def go_on(at: int, roles: Roles) -> None:
            self.along(elements, index + 1, at, roles, then)

        match elements[index]:
            case Literal() as literal:
                if at == len(self.items):
                    self._expect(literal)
                elif self.items[at].text == literal.text and self.items[at].kind is not Kind.STRING:
                    go_on(at + 1, (*roles, literal))
            case Hole() as hole:
                self._fill(hole, at, roles, go_on)
            case Optional(inner):
                self.along(inner, 0, at, roles, go_on)
                go_on(at, roles)
            case Repeat(_, inner):
                self._repeat(inner, at, roles, go_on)

    def _repeat(self, inner: tuple[Element, ...], at: int, roles: Roles, then: _Then) -> None:
        def row(at: int, roles: Roles) -> None:
            if at == len(self.items):
                self._expect(Literal(","))
            elif self.items[at].text == ",":
                self.along(inner, 0, at + 1, (*roles, Literal(",")), row)
                return
            then(at, roles)

        self.along(inner, 0, at, roles, row)

    def _fill(self, hole: Hole, at: int, roles: Roles, then: _Then) -> None:
        if at == len(self.items):
            self._expect(hole)
            return
        if hole.choices:
            for words in hole.choices:
                given = tuple(item.text for item in self.items[at : at + len(words)])
                if given == words:
                    then(at + len(words), (*roles, *[hole] * len(words)))
                elif given == words[: len(given)] and at + len(given) == len(self.items):
                    self._expect(Literal(words[len(given)]))
            if self._is_named(at):
                then(at + 1, (*roles, hole))
            return
        end = self._value(hole, at)
        if end == at:
            return
        roles = (*roles, *[hole] * (end - at))
        if hole.kind.endswith(".."):
            if end == len(self.items):
                self._expect(Literal(".."))
            elif self.items[end].text == "..":
                last = self._value(hole, end + 1)
                if end + 1 == len(self.items):
                    self._expect(hole)
                elif last > end + 1:
                    then(last, (*roles, Literal(".."), *[hole] * (last - end - 1)))
        then(end, roles)

    def _value(self, hole: Hole, at: int) -> int:
        """Where a value that begins at an item ends; `at` itself where none begins there."""
        if at >= len(self.items):
            return at
        kinds = KINDS[hole.kind.removesuffix("..")].items
        if hole.kind == "quantile" and not self.items[at].text.startswith(("p", "$")):
            return at
        if self.items[at].kind in kinds or self._is_named(at):
            return at + 1
        if self.items[at].text == "(" and Kind.QUANTITY in kinds:
            depth = 0
            for end in range(at, len(self.items)):
                depth += {"(": 1, ")": -1}.get(self.items[end].text, 0)
                if depth == 0:
                    return end + 1
        return at

    def _is_named(self, at: int) -> bool:
        """`$peak` stands for a value of any kind."""
        return self.items[at].kind is Kind.WORD and self.items[at].text.startswith("$")

    def _expect(self, element: Literal | Hole) -> None:
        if element not in self.found.next:
            self.found.next.append(element)
