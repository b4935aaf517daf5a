"""A fleet -> what flows through its call graph in doubles, and comparisons of doubles that are sure.

Invariant: a figure is made of literals >= 0 by sums and products alone, so that its relative error is at most
n x 2^-53 / (1 - n x 2^-53) for n roundings one after the other: `surely_below` has room for four million of them. What
it does not decide is left to exact arithmetic; what it decides, exact arithmetic decides the same way.

Source: Higham, "Accuracy and Stability of Numerical Algorithms", 2nd ed. (2002), section 3.1, for the error; Fortune &
Van Wyk, "Static analysis yields efficient exact integer arithmetic for computational geometry" (1996), for the filter.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from ...model import Call, CalleeKind, Demand, Fleet
from ...semantics.retries import amplification

ERROR = 1e-9
"""More than any figure's relative error, with a factor of two to spare."""
_LEAST = 1e-200
"""A positive figure that is smaller counts as this: an upper bound, that no further product makes denormal."""


def double(number: Fraction | int) -> float:
    """To the nearest; a positive number that a double hardly has is 1e-100, one that is too large is infinite."""
    try:
        above, below = number.as_integer_ratio()
        found = above / below
    except OverflowError:
        return math.inf
    return 1e-100 if found < 1e-100 and number > 0 else found


def surely_below(need: float, have: float) -> bool:
    """Whether the number that `need` stands for is below the one of `have`; False where the doubles do not tell."""
    return need * (1 + ERROR) < have * (1 - ERROR) < math.inf


def surely_ceiling(number: float) -> int | None:
    """The number rounded up, if that is the same for all numbers that the double may stand for."""
    if not number < 1e15:
        return None
    low, high = math.ceil(number * (1 - ERROR)), math.ceil(number * (1 + ERROR))
    return low if low == high else None


class Link(NamedTuple):
    """A call as numbers: made `times` per request, `whole` times surely and once more with `chance`."""

    call: Call
    callee: str
    to_pool: bool
    times: float
    whole: int
    chance: float
    attempts: float


@dataclass(frozen=True, slots=True)
class Figures:
    """`order`: pools, callers first; `links`: the calls of each demand and pool."""

    order: tuple[str, ...]
    links: Mapping[str, tuple[Link, ...]]

    def arriving(
        self, outside: Mapping[str, float], *, order: Iterable[str] | None = None, retried: bool = False
    ) -> dict[str, float]:
        """Requests per second at each pool (of `order`) and dependency, from those that each demand sends."""
        found: dict[str, float] = {}
        for name in (*outside, *(self.order if order is None else order)):
            from_outside = name in outside
            here = outside[name] if from_outside else found.get(name, 0.0)
            if here == 0.0:
                continue
            for _, callee, _, times, _, _, attempts in self.links.get(name, ()):
                through = here if from_outside else here * times
                if retried:
                    through *= attempts
                if through > 0.0 or times > 0.0:
                    through += found.get(callee, 0.0)
                    found[callee] = through if through > _LEAST else _LEAST
        return found


def links_of(out: Mapping[str, list[Call]]) -> dict[str, tuple[Link, ...]]:
    return {name: tuple(_link(call) for call in calls) for name, calls in out.items()}


def _link(call: Call) -> Link:
    times, retry = call.per_request.value, call.policy.retry
    above, below = times.as_integer_ratio()
    whole, rest = divmod(above, below)
    attempts = 1.0
    if retry is not None:
        attempts = double(amplification(retry.attempts.value, retry.budget_share.value if retry.budget_share else None))
    often = double(times)
    chance = often if not whole else double(Fraction(rest, below)) if rest else 0.0
    to_pool = call.callee_kind is CalleeKind.POOL
    return Link(call, call.callee, to_pool, often, whole, chance, attempts)


def peaks(fleet: Fleet) -> dict[str, float]:
    return {one.name: double(one.peak_per_second.value) for one in fleet.demands}


def steadies(fleet: Fleet) -> dict[str, float]:
    return {one.name: double(one.steady_per_second.value) for one in fleet.demands}


def gain(demand: Demand) -> float | None:
    return double(demand.rise_per_second.value) if demand.rise_per_second is not None else None
