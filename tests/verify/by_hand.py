"""SMT-LIB text worked out with fractions, by someone who has only the text.

Shares nothing with the encoder or the expressions that the text was made from. Every constant of a guarantee's text is
fixed by a named assertion or follows from one, so that each question has one value: no search is needed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction

Term = str | list["Term"]
Value = Fraction | bool
_TOKEN = re.compile(r'\s+|;[^\n]*|"[^"]*"|\|[^|]*\||[()]|[^\s()|";]+')


def read(text: str) -> list[Term]:
    stack: list[list[Term]] = [[]]
    for token in _TOKEN.findall(text):
        if token.isspace() or token.startswith(";"):
            continue
        if token == "(":
            stack.append([])
        elif token == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(token)
    (whole,) = stack
    return whole


def _divide(a: Fraction, b: Fraction) -> Fraction:
    return a / b


_NUMBERS: dict[str, Callable[..., Fraction]] = {
    "+": lambda *all: sum(all, Fraction(0)),
    "*": lambda *all: math.prod(all, start=Fraction(1)),
    "-": lambda first, *rest: first - sum(rest, Fraction(0)) if rest else -first,
    "/": _divide,
    "to_real": lambda one: one,
    "to_int": lambda one: Fraction(one.numerator // one.denominator),
}
_TESTS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<=": lambda a, b: a <= b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    ">": lambda a, b: a > b,
    "=": lambda a, b: a == b,
}


class Sheet:
    """What is known so far, by name."""

    def __init__(self) -> None:
        self.known: dict[str, Value] = {"true": True, "false": False}
        self.asserted: list[Term] = []

    def value(self, term: Term, inner: dict[str, Value] | None = None) -> Value:
        local = inner or {}
        if isinstance(term, str):
            if term in local:
                return local[term]
            return self.known[term] if term in self.known else Fraction(term)
        head, *rest = term
        if head == "let":
            bound = {str(pair[0]): self.value(pair[1], local) for pair in rest[0]}
            return self.value(rest[1], local | bound)
        if head == "!":
            return self.value(rest[0], local)
        if head == "ite":
            return self.value(rest[1] if self.value(rest[0], local) else rest[2], local)
        if head == "=>":
            return not self.value(rest[0], local) or self.value(rest[1], local)
        if head == "and":
            return all(self.value(one, local) for one in rest)
        if head == "not":
            return not self.value(rest[0], local)
        numbers = [self.value(one, local) for one in rest]
        assert isinstance(head, str) and all(isinstance(one, Fraction) for one in numbers)
        return _TESTS[head](*numbers) if head in _TESTS else _NUMBERS[head](*numbers)  # type: ignore[arg-type]

    def fix(self, claim: Term) -> None:
        """`(= name number)`, named, or as what follows from others that are known and agree."""
        if claim[0] == "!":
            claim = claim[1]
        if claim[0] == "=>" and isinstance(claim, list):
            if not self.value(claim[1]):
                return
            claim = claim[2]
        if claim[0] == "=" and isinstance(claim[1], str) and claim[1] not in self.known:
            self.known[claim[1]] = self.value(claim[2])


def by_hand(text: str) -> list[str]:
    """The answers to the questions of a text."""
    commands = read(text)
    sheet = Sheet()
    # Literals stand below what is derived from them.
    claims = [command[1] for command in commands if command[0] == "assert"]
    for claim in claims:
        if claim[0] == "!" and claim[1][0] == "=":
            sheet.fix(claim)
    for claim in claims:
        if claim[0] in ("=>", "="):
            sheet.fix(claim)
    answers: list[str] = []
    levels: list[list[Term]] = [[]]
    for command in commands:
        match command[0]:
            case "define-fun":
                sheet.known[str(command[1])] = sheet.value(command[4])
            case "assert":
                levels[-1].append(command[1])
            case "push":
                levels.append([])
            case "pop":
                levels.pop()
            case "check-sat":
                holds = all(sheet.value(claim) for level in levels for claim in level)
                answers.append("sat" if holds else "unsat")
            case _:
                pass
    return answers
