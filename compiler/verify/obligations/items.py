"""What a budget counts, kind by kind: the least and the most that it may come to, and how they are told."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ..exact.expression import Expression, value
from ..words import are_others, dollars, listed

_SHOWN = 3
"""Items that are told one by one."""


@dataclass(frozen=True, slots=True)
class Item:
    """One kind of cost in a period: what it is sure to be able to reach, and what it cannot pass.

    `told` names it with its figures; `usual` is its cost at the steady level, None where that is not known. `beyond`
    and `remedy` say what the most counts that the least does not, and what would rule it out.
    """

    least: Expression
    most: Expression
    told: str
    usual: Fraction | None
    gap: str = ""
    beyond: tuple[tuple[str, str], ...] = ()
    """Each in words, and of what it is; "" where the words say that too."""
    remedy: str = ""

    @property
    def open(self) -> Fraction:
        return value(self.most) - value(self.least)


def beyond(items: list[Item]) -> tuple[str, str]:
    """What the most counts beside the least, and what would rule out the largest part of it; "" where they are one."""
    found = sorted((item for item in items if item.open > 0), key=lambda item: -item.open)
    told: dict[str, list[str]] = {}
    for kind, of in dict.fromkeys(part for item in found for part in item.beyond):
        told.setdefault(kind, []).append(of)
    return listed([f"{kind}{listed(of)}" for kind, of in told.items()]), found[0].remedy if found else ""


def largest_of(items: list[Item], whole: Fraction) -> str:
    """The three that cost the most, of those that come with the least first, and what the others come to of the whole:
    a reader adds the figures up."""
    told = [item for item in reversed(items) if item.told]
    shown, others = told[:_SHOWN], len(told) - _SHOWN
    said = [item.told for item in shown]
    if others > 0:
        said.append(f"{are_others(others)} {dollars(whole - sum((value(item.least) for item in shown), Fraction(0)))}")
    return "; ".join(said)
